"""From basket to order: priced, enforced and given out in one transaction."""

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db.models import Sum
from oscar.core.loading import get_model

from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from portal.structures.models import Agreement, Membership, Structure
from portal.structures.services import OrderingClosed
from shop.ordering import baskets
from shop.ordering.models import PlacedOrder, StructureBasket
from shop.ordering.services import (
    BasketChanged,
    BasketRefused,
    UnknownBasket,
    place_order,
    preview,
)
from shop.products.models import ProductPrice
from shop.quotas.models import FreeQuota, QuotaUse
from shop.recharges.models import RechargeCode
from shop.recharges.services import OutOfStock
from tests import factories

pytestmark = pytest.mark.django_db

Basket = get_model("basket", "Basket")
Order = get_model("order", "Order")
Product = get_model("catalogue", "Product")


@pytest.fixture
def member() -> Membership:
    factories.product()
    return factories.MembershipFactory()


def fill(member: Membership, **quantities: int) -> StructureBasket:
    """Put units into the member's basket, by ``upc`` with underscores; return the basket."""
    for upc, quantity in quantities.items():
        baskets.add(by=member, upc=upc.replace("_", "-"), quantity=quantity)
    return baskets.get_or_open(member)


def seen(member: Membership, context: StructureBasket) -> str:
    return preview(member, context).digest


def order(member: Membership, **quantities: int) -> PlacedOrder:
    context = fill(member, **quantities)
    return place_order(by=member, key=context.key, seen=seen(member, context))


def given(placed: PlacedOrder) -> list[str]:
    codes = RechargeCode.objects.filter(order_line__order=placed.order)
    return sorted(code.secret for code in codes)


def consumed() -> tuple[int, int, int, int, int]:
    """Count what orders consume: codes, quota, movements, orders, placed orders."""
    return (
        RechargeCode.objects.exclude(state="available").count(),
        FreeQuota.objects.aggregate(total=Sum("used"))["total"] or 0,
        QuotaUse.objects.count(),
        Order.objects.count(),
        PlacedOrder.objects.count(),
    )


NOTHING = (0, 0, 0, 0, 0)


def assert_kept(context: StructureBasket, units: int) -> None:
    """Check that nothing was consumed and the basket is still there to be mended."""
    context.refresh_from_db()
    assert consumed() == NOTHING
    assert context.is_open
    assert context.basket.status == Basket.OPEN
    assert context.basket.lines.aggregate(total=Sum("quantity"))["total"] == units


class TestWhatIsRecorded:
    def test_free_and_paid_stand_in_oscars_order(self, member: Membership) -> None:
        factories.quota(member.structure, "internet-mobile-8-go", 2)
        factories.lot("internet-mobile-8-go", factories.codes(5))
        factories.lot("monde", factories.codes(5, start=50))

        placed = order(member, internet_mobile_8_go=3, monde=2)

        row = placed.order
        assert (row.total_incl_tax, row.total_excl_tax) == (Decimal("14.00"), Decimal("14.00"))
        assert (row.currency, row.user, row.status) == ("EUR", member.user, "placed")
        assert [
            (line.upc, line.quantity, line.unit_price_incl_tax, line.line_price_incl_tax)
            for line in row.lines.order_by("pk")
        ] == [
            ("internet-mobile-8-go", 3, Decimal("4.00"), Decimal("4.00")),
            ("monde", 2, Decimal("5.00"), Decimal("10.00")),
        ]
        assert [(d.offer_name, d.amount) for d in row.discounts.all()] == [
            ("Dotation gratuite", Decimal("8.00"))
        ]
        assert row.total_before_discounts_incl_tax == Decimal("22.00")
        assert (placed.structure, placed.free_units) == (member.structure, 2)

    def test_the_ledger_names_the_line_and_the_quota_goes_down(self, member: Membership) -> None:
        quota = factories.quota(member.structure, "monde", 10, used=3)
        factories.lot("monde", factories.codes(5))

        placed = order(member, monde=5)

        quota.refresh_from_db()
        assert (quota.used, quota.left) == (8, 2)
        (use,) = QuotaUse.objects.all()
        assert (use.quota, use.order_line.order, use.quantity) == (quota, placed.order, 5)

    def test_the_quota_that_ends_first_is_taken_first(self, member: Membership) -> None:
        today = factories.today()
        late = factories.quota(member.structure, "monde", 5, ends_on=today + dt.timedelta(9))
        soon = factories.quota(member.structure, "monde", 2, ends_on=today)
        over = factories.quota(member.structure, "monde", 5, ends_on=today - dt.timedelta(1))
        ahead = factories.quota(member.structure, "monde", 5, starts_on=today + dt.timedelta(1))
        factories.lot("monde", factories.codes(9))

        placed = order(member, monde=8)

        used = FreeQuota.objects.in_bulk()
        assert [used[one.pk].used for one in (late, soon, over, ahead)] == [5, 2, 0, 0]
        assert placed.order.total_incl_tax == Decimal("5.00")

    def test_another_structures_quota_is_not_touched(self, member: Membership) -> None:
        factories.quota(factories.StructureFactory(may_order=True), "monde", 5)
        factories.lot("monde", factories.codes(1))

        assert order(member, monde=1).order.total_incl_tax == Decimal("5.00")
        assert FreeQuota.objects.get().used == 0

    def test_sim_cards_need_a_quota_and_no_code(self, member: Membership) -> None:
        factories.quota(member.structure, "carte-sim", 3)

        placed = order(member, carte_sim=3)

        assert (placed.order.total_incl_tax, placed.free_units) == (Decimal("0.00"), 3)
        assert consumed() == (0, 3, 1, 1, 1)

    def test_the_trail_tells_who_ordered_how_much(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(2))
        placed = order(member, monde=2)

        trace = AuditEntry.objects.get(action="ordering.placed")
        assert (trace.by, trace.target_id, trace.details) == (
            member.user,
            str(placed.pk),
            {"units": 2},
        )

    def test_numbers_follow_one_another_and_do_not_tell_the_basket(
        self, member: Membership
    ) -> None:
        factories.lot("monde", factories.codes(2))
        first, second = order(member, monde=1), order(member, monde=1)
        assert int(second.order.number) == int(first.order.number) + 1
        assert int(first.order.number) >= 42200


class TestCodes:
    def test_the_first_to_expire_are_given_first(self, member: Membership) -> None:
        today = factories.today()
        factories.lot("monde", factories.codes(2))
        factories.lot("monde", factories.codes(2, start=10), expires_on=today + dt.timedelta(30))
        factories.lot("monde", factories.codes(2, start=20), expires_on=today + dt.timedelta(3))
        factories.lot("monde", factories.codes(2, start=30), expires_on=today + dt.timedelta(9))

        numbers = given(order(member, monde=4))

        assert numbers == ["0000000020", "0000000021", "0000000030", "0000000031"]

    def test_a_code_is_given_on_its_last_day_and_never_after(self, member: Membership) -> None:
        lot = factories.lot("monde", ["0000000001"])
        lot.codes.update(expires_on=factories.today() - dt.timedelta(1))
        context = fill(member, monde=1)
        with pytest.raises(OutOfStock):
            place_order(by=member, key=context.key, seen=seen(member, context))

        factories.lot("monde", ["0000000002"], expires_on=factories.today())
        assert given(order(member)) == ["0000000002"]

    def test_codes_of_another_product_are_not_given(self, member: Membership) -> None:
        factories.lot("illimite-france", factories.codes(5))
        with pytest.raises(OutOfStock):
            order(member, monde=1)

    def test_each_code_is_given_once(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(6))
        numbers = [number for _ in range(3) for number in given(order(member, monde=2))]
        assert sorted(numbers) == factories.codes(6)

    def test_a_given_code_knows_its_line_and_is_not_shown_yet(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(1))
        placed = order(member, monde=1)

        code = RechargeCode.objects.get()
        assert code.order_line == placed.order.lines.get()
        assert (code.state, code.first_shown_at) == ("given", None)
        assert code.given_at is not None


class TestOneKeyOneOrder:
    def test_the_same_key_gives_the_same_order(self, member: Membership) -> None:
        factories.quota(member.structure, "monde", 1)
        factories.lot("monde", factories.codes(4))
        context = fill(member, monde=2)
        saw = seen(member, context)

        first = place_order(by=member, key=context.key, seen=saw)
        second = place_order(by=member, key=context.key, seen=saw)
        third = place_order(by=member, key=context.key, seen="anything")

        assert first == second == third
        assert consumed() == (2, 1, 1, 1, 1)

    def test_a_repeat_is_answered_after_the_convention_ended(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(1))
        placed = order(member, monde=1)
        Agreement.objects.all().delete()

        assert place_order(by=member, key=placed.key, seen="") == placed

    def test_after_an_order_the_basket_is_a_new_one(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(2))
        first = order(member, monde=1)

        assert baskets.find_open(member) is None
        assert baskets.count_items(member) == 0
        second = order(member, monde=1)
        assert second != first
        assert second.key != first.key

    @pytest.mark.parametrize("whose", ["nobody", "a colleague", "a stranger"])
    def test_a_key_is_of_use_to_its_owner_only(self, member: Membership, whose: str) -> None:
        factories.lot("monde", factories.codes(5))
        other = {
            "nobody": lambda: None,
            "a colleague": lambda: factories.MembershipFactory(structure=member.structure),
            "a stranger": factories.MembershipFactory,
        }[whose]()
        context = fill(other, monde=1) if other else None
        fill(member, monde=1)

        with pytest.raises(UnknownBasket):
            place_order(by=member, key=context.key if context else uuid4(), seen="")
        assert consumed() == NOTHING

    def test_a_strangers_key_shows_nothing_of_their_order(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(1))
        placed = order(factories.MembershipFactory(), monde=1)
        with pytest.raises(UnknownBasket):
            place_order(by=member, key=placed.key, seen="")


class TestNothingUnseenIsCharged:
    @pytest.fixture
    def context(self, member: Membership) -> StructureBasket:
        factories.quota(member.structure, "monde", 2)
        factories.lot("monde", factories.codes(9))
        return fill(member, monde=2)

    def refuse(self, member: Membership, context: StructureBasket, saw: str) -> None:
        with pytest.raises(BasketChanged):
            place_order(by=member, key=context.key, seen=saw)

    def test_a_quota_that_shrank_asks_again(
        self, member: Membership, context: StructureBasket
    ) -> None:
        saw = seen(member, context)
        FreeQuota.objects.update(used=1)
        self.refuse(member, context, saw)

        FreeQuota.objects.update(used=0)
        assert_kept(context, 2)

    def test_a_quota_that_a_colleague_took_asks_again_then_charges(
        self, member: Membership, context: StructureBasket
    ) -> None:
        saw = seen(member, context)
        order(factories.MembershipFactory(structure=member.structure), monde=1)
        self.refuse(member, context, saw)

        placed = place_order(by=member, key=context.key, seen=seen(member, context))
        assert (placed.order.total_incl_tax, placed.free_units) == (Decimal("5.00"), 1)

    def test_a_quota_that_grew_asks_again(
        self, member: Membership, context: StructureBasket
    ) -> None:
        FreeQuota.objects.update(granted=1)
        saw = seen(member, context)
        FreeQuota.objects.update(granted=2)
        self.refuse(member, context, saw)
        assert_kept(context, 2)

    def test_a_price_that_changed_asks_again(
        self, member: Membership, context: StructureBasket
    ) -> None:
        saw = seen(member, context)
        ProductPrice.objects.update(price=Decimal("5.50"))
        self.refuse(member, context, saw)
        assert_kept(context, 2)

    def test_a_quantity_changed_in_another_tab_asks_again(
        self, member: Membership, context: StructureBasket
    ) -> None:
        saw = seen(member, context)
        line = context.basket.lines.get()
        baskets.change(by=member, line_id=line.pk, quantity=1)
        self.refuse(member, context, saw)
        assert_kept(context, 1)


class TestRefusedWhole:
    def test_out_of_stock_consumes_nothing(self, member: Membership) -> None:
        factories.quota(member.structure, "internet-mobile-8-go", 5)
        factories.lot("internet-mobile-8-go", factories.codes(5))
        factories.lot("monde", factories.codes(2, start=50))
        context = fill(member, internet_mobile_8_go=2, monde=3)

        with pytest.raises(OutOfStock) as caught:
            place_order(by=member, key=context.key, seen=seen(member, context))

        assert caught.value.message == (
            "«\u00a0Monde\u00a0»\u00a0: il n’en reste que 2 en stock. Votre commande n’a pas été "
            "passée et rien n’a été pris\u00a0: réduisez la quantité ou choisissez une autre "
            "recharge."
        )
        assert_kept(context, 5)

    def test_none_left_says_so(self, member: Membership) -> None:
        with pytest.raises(OutOfStock, match="il n’en reste plus en stock"):
            order(member, monde=1)

    @pytest.mark.parametrize("closed", ["no convention", "suspended", "candidate"])
    def test_ordering_closed_keeps_the_basket(self, member: Membership, closed: str) -> None:
        factories.lot("monde", factories.codes(5))
        context = fill(member, monde=1)
        if closed == "no convention":
            member.structure.agreements.all().delete()
        else:
            member.structure.state = Structure.State(closed)
            member.structure.save()

        with pytest.raises(OrderingClosed):
            place_order(by=member, key=context.key, seen=seen(member, context))
        assert_kept(context, 1)

    def test_a_convention_without_tacit_renewal_ends(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(5))
        yesterday = factories.today() - dt.timedelta(1)
        member.structure.agreements.update(renews_tacitly=False, ends_on=yesterday)
        with pytest.raises(OrderingClosed):
            order(member, monde=1)

    def test_an_empty_basket_is_refused(self, member: Membership) -> None:
        context = fill(member)
        with pytest.raises(BasketRefused, match="Votre panier est vide"):
            place_order(by=member, key=context.key, seen=seen(member, context))

    def test_beyond_the_limit_of_an_order_is_refused(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(30))
        context = fill(member, monde=20)
        context.basket.lines.update(quantity=21)  # the limit was lowered since
        with pytest.raises(BasketRefused, match="20 au plus par commande"):
            place_order(by=member, key=context.key, seen=seen(member, context))
        assert_kept(context, 21)

    def test_beyond_a_quota_is_refused_where_there_is_no_price(self, member: Membership) -> None:
        factories.quota(member.structure, "recharge-exceptionnelle", 2)
        factories.lot("recharge-exceptionnelle", factories.codes(5))
        context = fill(member, recharge_exceptionnelle=3)
        with pytest.raises(BasketRefused, match="il vous en reste 2"):
            place_order(by=member, key=context.key, seen=seen(member, context))
        assert_kept(context, 3)

    def test_a_product_without_a_price_is_refused(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(5))
        context = fill(member, monde=1)
        ProductPrice.objects.all().delete()

        with pytest.raises(BasketRefused, match="n’est plus proposé"):
            place_order(by=member, key=context.key, seen=seen(member, context))
        assert_kept(context, 1)

    def test_a_product_withdrawn_from_sale_is_refused(self, member: Membership) -> None:
        factories.lot("monde", factories.codes(5))
        context = fill(member, monde=1)
        saw = seen(member, context)
        Product.objects.filter(upc="monde").update(is_public=False)

        assert "n’est plus proposé" in " ".join(preview(member, context).obstacles)
        for sight in (saw, seen(member, context)):
            with pytest.raises(BasketRefused, match="n’est plus proposé"):
                place_order(by=member, key=context.key, seen=sight)
        assert_kept(context, 1)


class TestBaskets:
    def test_each_structure_of_a_person_has_its_basket(self, member: Membership) -> None:
        second = factories.MembershipFactory(user=member.user)
        factories.lot("monde", factories.codes(9))
        fill(member, monde=2)
        fill(second, monde=3)

        placed = order(second)

        assert (placed.structure, placed.order.total_incl_tax) == (
            second.structure,
            Decimal("15.00"),
        )
        assert baskets.count_items(member) == 2
        assert order(member).structure == member.structure

    def test_adding_again_adds_up_to_the_limit(self, member: Membership) -> None:
        fill(member, monde=12)
        fill(member, monde=8)
        assert baskets.count_items(member) == 20

        with pytest.raises(baskets.BadQuantity, match="une quantité de 1 à 20"):
            baskets.add(by=member, upc="monde", quantity=1)
        assert baskets.count_items(member) == 20

    @pytest.mark.parametrize("quantity", [0, -1, 21, 10**9])
    def test_a_quantity_out_of_bounds_is_refused(self, member: Membership, quantity: int) -> None:
        with pytest.raises(baskets.BadQuantity):
            baskets.add(by=member, upc="monde", quantity=quantity)
        assert StructureBasket.objects.count() == 0

    @pytest.mark.parametrize(
        "upc", ["", "inconnu", "monde\0", "monde-economique", "illimite-france"]
    )
    def test_what_is_not_on_sale_cannot_be_added(self, member: Membership, upc: str) -> None:
        Product.objects.filter(upc="monde-economique").update(is_public=False)
        ProductPrice.objects.filter(product__upc="illimite-france").delete()

        with pytest.raises(baskets.UnknownProduct):
            baskets.add(by=member, upc=upc, quantity=1)

    def test_zero_removes_the_line(self, member: Membership) -> None:
        line = fill(member, monde=2, monde_economique=1).basket.lines.get(product__upc="monde")
        baskets.change(by=member, line_id=line.pk, quantity=0)
        assert baskets.count_items(member) == 1

    @pytest.mark.parametrize("quantity", [-1, 21])
    def test_a_line_keeps_its_quantity_where_the_new_one_is_wrong(
        self, member: Membership, quantity: int
    ) -> None:
        line = fill(member, monde=2).basket.lines.get()
        with pytest.raises(baskets.BadQuantity):
            baskets.change(by=member, line_id=line.pk, quantity=quantity)
        assert baskets.count_items(member) == 2

    def test_a_strangers_line_cannot_be_changed(self, member: Membership) -> None:
        colleague = factories.MembershipFactory(structure=member.structure)
        line = fill(colleague, monde=2).basket.lines.get()
        fill(member, monde=1)
        with pytest.raises(baskets.UnknownProduct):
            baskets.change(by=member, line_id=line.pk, quantity=5)
        assert baskets.count_items(colleague) == 2

    def test_emptying_leaves_no_line(self, member: Membership) -> None:
        fill(member, monde=2, monde_economique=1)
        baskets.empty(by=member)
        baskets.empty(by=member)
        assert baskets.count_items(member) == 0

    def test_staff_roles_give_no_basket(self) -> None:
        referent = factories.UserFactory(role=Role.REFERENT)
        assert not referent.memberships.exists()
