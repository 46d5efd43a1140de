"""Any sequence of orders, cancellations, faulty numbers, deliveries and quota changes.

A model of a few integers is told the same story as the shop: after each step the stock, the
quotas and the bill are what the model says, to the unit and to the cent, and the books agree.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures.models import Membership
from shop.ordering.cancelling import NotCancellable, cancel_order
from shop.ordering.models import PlacedOrder
from shop.ordering.reconcile import gaps
from shop.products.services import set_price
from shop.quotas.grants import BelowUsed, change_granted
from shop.quotas.models import FreeQuota
from shop.recharges.faulty import NothingToGive, decide
from shop.recharges.models import FaultyReport, RechargeCode
from shop.recharges.services import OutOfStock, show
from tests import factories
from tests.concurrency.buyers import ROUNDS
from tests.shop.books import order, report_one

UPCS = ("illimite-france", "monde")
Which = st.integers(0, 30)  # the how-manieth of those there are, counted round
Quantity = st.integers(0, 4)
_first_number = itertools.count(step=100)


@dataclass
class Kept:
    """An order as the model knows it."""

    placed: PlacedOrder
    member: Membership
    free: Counter[str]
    due: Decimal
    touched: bool = False
    cancelled: bool = False


@dataclass
class Scene:
    """Who and what every example starts with; each example ends by rolling back to it."""

    referent: User
    members: list[Membership]
    quotas: dict[tuple[int, str], FreeQuota]


@dataclass
class Model:
    """The shop in a few integers."""

    prices: dict[str, Decimal] = field(default_factory=dict)
    stock: Counter[str] = field(default_factory=Counter)
    granted: Counter[tuple[int, str]] = field(default_factory=Counter)
    used: Counter[tuple[int, str]] = field(default_factory=Counter)
    replaced_today: Counter[int] = field(default_factory=Counter)
    orders: list[Kept] = field(default_factory=list)
    waiting: list[FaultyReport] = field(default_factory=list)


class Shop(RuleBasedStateMachine):
    """The shop and its model, side by side."""

    scene: Scene

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        for place, quota in self.scene.quotas.items():
            self.model.granted[place] = quota.granted
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize(cents=st.tuples(st.integers(0, 999), st.integers(1, 999)))
    def price(self, cents: tuple[int, int]) -> None:
        for upc, amount in zip(UPCS, cents, strict=True):
            self.model.prices[upc] = Decimal(amount) / 100
            set_price(
                by=self.scene.referent,
                product=factories.product(upc),
                price=self.model.prices[upc],
                starts_on=factories.today(),
            )

    @rule(upc=st.sampled_from(UPCS), units=st.integers(1, 6))
    def deliver(self, upc: str, units: int) -> None:
        factories.lot(upc, factories.codes(units, start=next(_first_number)))
        self.model.stock[upc] += units

    @rule(who=Which, quantities=st.tuples(Quantity, Quantity).filter(any))
    def order(self, who: int, quantities: tuple[int, int]) -> None:
        member = self.scene.members[who % len(self.scene.members)]
        wanted = Counter({upc: n for upc, n in zip(UPCS, quantities, strict=True) if n})
        products = {upc.replace("-", "_"): units for upc, units in wanted.items()}
        if any(units > self.model.stock[upc] for upc, units in wanted.items()):
            with pytest.raises(OutOfStock), transaction.atomic():
                order(member, **products)
            return
        free: Counter[str] = Counter()
        for upc, units in wanted.items():
            place = (member.structure_id, upc)
            free[upc] = min(units, self.model.granted[place] - self.model.used[place])
            self.model.used[place] += free[upc]
        due = sum(
            ((units - free[upc]) * self.model.prices[upc] for upc, units in wanted.items()),
            Decimal(0),
        )
        placed = order(member, **products)
        self.model.stock -= wanted
        self.model.orders.append(Kept(placed, member, free, due))
        assert placed.free_units == free.total()

    @precondition(lambda self: self.model.orders)
    @rule(which=Which)
    def cancel(self, which: int) -> None:
        kept = self.model.orders[which % len(self.model.orders)]
        by, uuid = self.scene.referent, kept.placed.uuid
        if kept.touched:
            with pytest.raises(NotCancellable), transaction.atomic():
                cancel_order(by=by, order=uuid, reason="Erreur de saisie")
            return
        cancel_order(by=by, order=uuid, reason="Erreur de saisie")
        if not kept.cancelled:
            kept.cancelled, kept.due = True, Decimal(0)
            for upc, units in kept.free.items():
                self.model.used[kept.member.structure_id, upc] -= units
            for line in kept.placed.order.lines.select_related("product"):
                self.model.stock[line.product.upc] += line.quantity

    @precondition(lambda self: self.model.orders)
    @rule(which=Which)
    def look(self, which: int) -> None:
        kept = self.model.orders[which % len(self.model.orders)]
        mine = RechargeCode.objects.filter(order_line__order=kept.placed.order_id)
        shown = show(by=kept.member.user, codes=mine, where="order")
        kept.touched = kept.touched or bool(shown)
        assert bool(shown) != kept.cancelled or kept.touched

    @precondition(lambda self: self.model.orders)
    @rule(which=Which)
    def report(self, which: int) -> None:
        kept = self.model.orders[which % len(self.model.orders)]
        mine = RechargeCode.objects.given().filter(order_line__order=kept.placed.order_id)
        if not mine.exists():
            return
        report = report_one(kept.member, kept.placed)
        kept.touched = True
        upc, structure = report.code.product.upc, kept.member.structure_id
        limit = django_settings.RECHARGES_DAILY_REPLACEMENTS
        if self.model.stock[upc] and self.model.replaced_today[structure] < limit:
            assert report.state == "replaced"
            self.model.stock[upc] -= 1
            self.model.replaced_today[structure] += 1
        else:
            assert report.state == "waiting"
            self.model.waiting.append(report)

    @precondition(lambda self: self.model.waiting)
    @rule(which=Which, replace=st.booleans())
    def answer(self, which: int, replace: bool) -> None:
        report = self.model.waiting[which % len(self.model.waiting)]
        upc = report.code.product.upc
        fields: dict[str, Any] = {"by": self.scene.referent, "report": report.uuid}
        if replace and not self.model.stock[upc]:
            with pytest.raises(NothingToGive), transaction.atomic():
                decide(replace=True, decision="Il n’en reste plus", **fields)
            return
        decide(replace=replace, decision="Vérifié auprès de SFR", **fields)
        self.model.waiting.remove(report)
        self.model.stock[upc] -= replace

    @rule(which=Which, granted=st.integers(0, 8))
    def change_quota(self, which: int, granted: int) -> None:
        place = list(self.scene.quotas)[which % len(self.scene.quotas)]
        quota = self.scene.quotas[place]
        if granted < self.model.used[place]:
            with pytest.raises(BelowUsed), transaction.atomic():
                change_granted(by=self.scene.referent, quota=quota, granted=granted)
            return
        change_granted(by=self.scene.referent, quota=quota, granted=granted)
        self.model.granted[place] = granted

    @invariant()
    def the_books_agree(self) -> None:
        assert gaps() == []
        with connection.cursor() as cursor:  # what would wait for the end of a transaction
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    @invariant()
    def the_shop_is_as_the_model_says(self) -> None:
        available = RechargeCode.objects.filter(state="available")
        found = Counter(available.values_list("product__upc", flat=True))
        assert found == +self.model.stock
        for place, quota in self.scene.quotas.items():
            row = FreeQuota.objects.get(pk=quota.pk)
            assert (row.granted, row.used) == (self.model.granted[place], self.model.used[place])

    @invariant()
    def the_bill_is_right_to_the_cent(self) -> None:
        billed = [one.due for one in PlacedOrder.objects.select_related("order").order_by("pk")]
        assert billed == [kept.due for kept in self.model.orders]


def scene() -> Scene:
    """Return two structures, the first with two members, and quotas for three of four places."""
    first, second = (factories.StructureFactory(may_order=True) for _ in range(2))
    members = [factories.MembershipFactory(structure=one) for one in (first, first, second)]
    places = [(first, "monde", 4), (first, "illimite-france", 2), (second, "monde", 1)]
    return Scene(
        factories.UserFactory(role=Role.REFERENT),
        members,
        {(one.pk, upc): factories.quota(one, upc, units) for one, upc, units in places},
    )


@pytest.mark.django_db
def test_any_history_keeps_the_books_right() -> None:
    class Told(Shop):
        pass

    Told.scene = scene()
    run_state_machine_as_test(
        Told,
        settings=settings(
            max_examples=5 * ROUNDS,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_the_model_notices_a_shop_that_gives_too_much() -> None:
    """Without this, a model that checks nothing would pass for a proof."""

    class Told(Shop):
        @rule()
        def lose_a_code(self) -> None:
            RechargeCode.objects.filter(state="available").update(state="expired")

    Told.scene = scene()
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Told,
            settings=settings(
                max_examples=20,
                stateful_step_count=15,
                deadline=None,
                phases=[Phase.generate],  # found is enough: nobody reads the shortest one
                report_multiple_bugs=False,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
