"""What the database itself refuses, whoever asks: raw SQL that goes past every service."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from portal.structures.models import Membership
from shop.ordering import baskets
from shop.ordering.models import PlacedOrder, StructureBasket
from shop.ordering.services import place_order, preview
from shop.quotas.models import FreeQuota, QuotaUse
from shop.recharges.models import RechargeCode
from tests import factories
from tests.shop.books import write_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed() -> PlacedOrder:
    """An order of two units, one of them free, with three codes left in stock."""
    member = factories.MembershipFactory()
    factories.quota(member.structure, "monde", 1)
    factories.lot("monde", factories.codes(5))
    baskets.add(by=member, upc="monde", quantity=2)
    context = baskets.find_open(member)
    assert context is not None
    return place_order(by=member, key=context.key, seen=preview(member, context).digest)


@transaction.atomic
def run(statement: str, values: tuple[object, ...]) -> None:
    """Run a statement and check the constraints that wait for the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(statement: str, *values: object) -> str:
    """Run a statement that the database refuses; return the name of the constraint."""
    with pytest.raises(IntegrityError) as caught:
        run(statement, values)
    diagnosis = caught.value.__cause__.diag  # type: ignore[union-attr]
    return str(diagnosis.constraint_name or diagnosis.column_name)


@pytest.mark.parametrize("used", [2, -1])
def test_no_quota_gives_more_than_was_granted_or_less_than_nothing(
    placed: PlacedOrder, used: int
) -> None:
    names = {2: "quotas_used_within_granted", -1: "quotas_freequota_used_check"}
    assert refused("UPDATE quotas_freequota SET used = %s", used) == names[used]


def test_no_quota_is_cut_below_what_was_taken(placed: PlacedOrder) -> None:
    assert refused("UPDATE quotas_freequota SET granted = 0") == "quotas_used_within_granted"


def test_the_ledger_holds_no_movement_of_nothing(placed: PlacedOrder) -> None:
    assert refused("UPDATE quotas_quotause SET quantity = 0") == "quotas_use_positive"


def test_a_line_draws_once_on_a_quota(placed: PlacedOrder) -> None:
    statement = """
        INSERT INTO quotas_quotause (quota_id, order_line_id, quantity, created_at)
        SELECT quota_id, order_line_id, 1, now() FROM quotas_quotause
    """
    assert refused(statement) == "quotas_use_once_per_line"


@pytest.mark.parametrize(
    "change",
    [
        "state = 'given' WHERE state = 'available'",
        "state = 'given', given_at = now() WHERE state = 'available'",
        "state = 'available' WHERE state = 'given'",
        "order_line_id = NULL WHERE state = 'given'",
        "given_at = NULL WHERE state = 'given'",
        "order_line_id = (SELECT max(id) FROM order_line) WHERE state = 'available'",
        "state = 'lost' WHERE state = 'available'",
        "state = 'expired' WHERE state = 'given'",
        "state = 'quarantined', order_line_id = NULL WHERE state = 'given'",
        "state = 'quarantined', given_at = now() WHERE state = 'available'",
        "state = 'expired', order_line_id = (SELECT max(id) FROM order_line)"
        " WHERE state = 'available'",
    ],
)
def test_a_given_code_has_its_line_and_an_available_one_has_none(
    placed: PlacedOrder, change: str
) -> None:
    statement = f"UPDATE recharges_rechargecode SET {change}"  # noqa: S608
    assert refused(statement) == "recharges_given_to_a_line"


def test_no_available_code_was_shown(placed: PlacedOrder) -> None:
    statement = "UPDATE recharges_rechargecode SET first_shown_at = now()"
    assert refused(statement) == "recharges_shown_when_given"


def test_two_codes_never_share_a_fingerprint(placed: PlacedOrder) -> None:
    statement = """
        UPDATE recharges_rechargecode
        SET fingerprint = (SELECT min(fingerprint) FROM recharges_rechargecode)
    """
    assert refused(statement) == "recharges_rechargecode_fingerprint_key"


def test_a_code_is_on_one_line_because_it_is_in_one_row(placed: PlacedOrder) -> None:
    statement = """
        INSERT INTO recharges_rechargecode (uuid, lot_id, product_id, secret, fingerprint, serial,
                                            expires_on, state)
        SELECT gen_random_uuid(), lot_id, product_id, secret, fingerprint, serial, expires_on,
               'available'
        FROM recharges_rechargecode WHERE state = 'given'
    """
    assert refused(statement) == "recharges_rechargecode_fingerprint_key"


def test_a_code_is_reported_once_and_replaced_by_one_of_its_own() -> None:
    books = write_books()
    first, second = books.replaced, books.waiting
    reports = "UPDATE recharges_faultyreport SET"
    assert refused(f"{reports} code_id = %s WHERE id = %s", first.code_id, second.pk) == (
        "recharges_faultyreport_code_id_key"
    )
    assert refused(f"{reports} state = 'replaced' WHERE id = %s", second.pk) == (
        "recharges_replaced_by_a_code"
    )
    assert refused(f"{reports} replacement_id = NULL WHERE id = %s", first.pk) == (
        "recharges_replaced_by_a_code"
    )
    statement = f"{reports} state = 'replaced', replacement_id = %s WHERE id = %s"
    assert refused(statement, first.replacement_id, second.pk) == (
        "recharges_faultyreport_replacement_id_key"
    )


def test_a_cancellation_is_signed(placed: PlacedOrder) -> None:
    statement = "UPDATE ordering_placedorder SET cancelled_at = now()"
    assert refused(statement) == "ordering_cancelled_by_somebody"


def test_a_quota_has_one_source(placed: PlacedOrder) -> None:
    assert refused("UPDATE quotas_freequota SET amendment_id = NULL") == "quotas_one_source"


def test_a_line_with_codes_is_never_deleted(placed: PlacedOrder) -> None:
    line = RechargeCode.objects.filter(state="given").values_list("order_line", flat=True)[0]
    QuotaUse.objects.all().delete()
    with connection.cursor() as cursor:
        for table in ("order_lineprice", "order_orderlinediscount"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    assert "order_line" in refused("DELETE FROM order_line WHERE id = %s", line)


def test_a_person_has_one_open_basket_for_a_structure(placed: PlacedOrder) -> None:
    member = Membership.objects.get(structure=placed.structure)
    baskets.add(by=member, upc="monde", quantity=1)
    assert StructureBasket.objects.count() == 2

    statement = "UPDATE ordering_structurebasket SET is_open = true"
    assert refused(statement) == "ordering_one_open_basket"


def second_order(placed: PlacedOrder, **fields: object) -> Callable[[], PlacedOrder]:
    """Return an act that writes a second order beside the first one."""
    order = type(placed.order).objects.get(pk=placed.order_id)
    order.pk, order.number, order.basket = None, "another", None
    order.save()
    values = {"key": uuid4(), "uuid": uuid4()} | fields
    return lambda: PlacedOrder.objects.create(order=order, structure=placed.structure, **values)


@pytest.mark.parametrize("field", ["key", "uuid"])
def test_two_orders_never_share_a_key_or_a_name(placed: PlacedOrder, field: str) -> None:
    write = second_order(placed, **{field: getattr(placed, field)})
    with (
        pytest.raises(IntegrityError, match=f"ordering_placedorder_{field}_key"),
        transaction.atomic(),
    ):
        write()


def test_two_orders_never_share_a_number(placed: PlacedOrder) -> None:
    second_order(placed)()
    assert refused("UPDATE order_order SET number = '1'") == "order_order_number_key"


def test_the_fixture_is_what_it_says(placed: PlacedOrder) -> None:
    assert FreeQuota.objects.get().used == 1
    assert RechargeCode.objects.filter(state="available").count() == 3
