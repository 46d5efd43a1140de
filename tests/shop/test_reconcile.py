"""The nightly count: silent where the books are right, and naming each thing that is not."""

# ruff: noqa: S608 (statements made of constants)
import io
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction

from portal.accounts.roles import Role
from portal.outbox.services import deliver_due
from shop.ordering.alerts import count_again
from shop.ordering.reconcile import RULES, gaps
from shop.ordering.tasks import reconcile
from tests import factories
from tests.shop.books import Books, write_books

pytestmark = pytest.mark.django_db

A_GIVEN = "(SELECT min(id) FROM recharges_rechargecode WHERE state = 'given')"
AN_AVAILABLE = "(SELECT min(id) FROM recharges_rechargecode WHERE state = 'available')"
#: What raw SQL can still do to the books, and the rules that notice.
BREAKS = {
    "a lot is said to be larger": (
        {"lots"},
        "UPDATE recharges_codelot SET size = size + 1 WHERE id = (SELECT min(lot_id)"
        " FROM recharges_rechargecode)",
    ),
    "a code of the stock is deleted": (
        {"lots"},
        f"DELETE FROM recharges_rechargecode WHERE id = {AN_AVAILABLE}",
    ),
    "a given code is withdrawn without a report": (
        {"given"},
        f"UPDATE recharges_rechargecode SET state = 'quarantined' WHERE id = {A_GIVEN}",
    ),
    "a given code is put back in stock": (
        {"given"},
        "UPDATE recharges_rechargecode SET state = 'available', order_line_id = NULL,"
        " given_at = NULL WHERE id = (SELECT max(id) FROM recharges_rechargecode"
        " WHERE state = 'given' AND first_shown_at IS NULL)",
    ),
    "a line gets one code too many": (
        {"given"},
        "UPDATE recharges_rechargecode SET state = 'given', given_at = now(), order_line_id ="
        f" (SELECT order_line_id FROM recharges_rechargecode WHERE id = {A_GIVEN})"
        f" WHERE id = {AN_AVAILABLE}",
    ),
    "an order is called cancelled and keeps all": (
        {"given", "returned"},
        "UPDATE ordering_placedorder SET cancelled_at = now(),"
        " cancelled_by_id = (SELECT min(id) FROM accounts_user) WHERE order_id ="
        " (SELECT max(order_id) FROM ordering_placedorder)",
    ),
    "a given code becomes one of another product": (
        {"products"},
        "UPDATE recharges_rechargecode SET product_id = (SELECT max(product_id)"
        f" FROM products_productterms) WHERE id = {A_GIVEN}",
    ),
    "a code of the stock was shown": (
        {"shown"},
        "INSERT INTO privacy_auditentry (at, action, target_type, target_id, details)"
        f" SELECT now(), 'recharges.shown', 'recharges.rechargecode', {AN_AVAILABLE}, '{{}}'",
    ),
    "a replacement stands on another order": (
        {"replacements", "given", "products"},
        "UPDATE recharges_rechargecode SET order_line_id = (SELECT line.id FROM order_line line"
        " JOIN catalogue_product product ON product.id = line.product_id"
        " WHERE product.upc = 'illimite-france') WHERE id ="
        " (SELECT min(replacement_id) FROM recharges_faultyreport)",
    ),
    "a quota forgets what it gave": ({"quotas"}, "UPDATE quotas_freequota SET used = 0"),
    "the ledger is lost": (
        {"quotas", "free", "prices"},
        "DELETE FROM quotas_quotause WHERE returned_at IS NULL",
    ),
    "a quota changes hands": (
        {"owners"},
        "UPDATE quotas_freequota SET structure_id = (SELECT max(id) FROM structures_structure)",
    ),
    "an order forgets its free articles": (
        {"free"},
        "UPDATE ordering_placedorder SET free_units = 0",
    ),
    "what an order drew is given back under it": (
        {"returned", "quotas"},
        "UPDATE quotas_quotause SET returned_at = now()",
    ),
    "a line costs a cent more": (
        {"prices", "bills"},
        "UPDATE order_line SET line_price_incl_tax = line_price_incl_tax + 0.01",
    ),
    "a bill costs a cent more": (
        {"bills"},
        "UPDATE order_order SET total_incl_tax = total_incl_tax + 0.01",
    ),
    "a basket that was ordered opens again": (
        {"keys"},
        "UPDATE ordering_structurebasket SET is_open = true WHERE basket_id ="
        " (SELECT max(basket_id) FROM ordering_structurebasket)",
    ),
}


@pytest.fixture
def books() -> Books:
    """Books in which a little of everything happened."""
    return write_books()


@transaction.atomic
def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def printed() -> tuple[int, str]:
    """Run the command; return its exit status and what it printed."""
    out = io.StringIO()
    try:
        call_command("reconcile_codes", stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_books_that_the_services_wrote_are_right(books: Books) -> None:
    assert (books.cancelled.is_cancelled, books.kept.is_cancelled) == (True, False)
    assert (books.replaced.state, books.waiting.state) == ("replaced", "waiting")
    assert gaps() == []


def test_every_rule_has_something_that_breaks_it() -> None:
    assert set().union(*(rules for rules, _ in BREAKS.values())) == set(RULES)


@pytest.mark.parametrize("name", BREAKS)
def test_what_raw_sql_breaks_is_named(books: Books, name: str) -> None:
    rules, statement = BREAKS[name]
    run(statement)
    assert {gap.rule for gap in gaps()} == rules


def test_an_empty_shop_is_right() -> None:
    assert gaps() == []


def test_the_command_says_that_all_is_right(books: Books) -> None:
    status, text = printed()
    assert status == 0
    assert [line[:2] for line in text.splitlines()] == ["ok"] * len(RULES)


def test_the_command_prints_what_disagrees_and_fails(books: Books) -> None:
    run("UPDATE quotas_freequota SET used = used - 1 WHERE used > 0")
    status, text = printed()
    lines = text.splitlines()
    broken = next(number for number, line in enumerate(lines) if line.startswith("ÉCART"))

    assert status == 1
    assert lines[broken] == f"ÉCART quotas        {RULES['quotas'].says}"
    assert lines[broken + 1].split() == ["attendu", "trouvé"]
    assert lines[broken + 2].split()[-2:] == ["5", "4"]


def test_the_command_prints_no_endless_list(books: Books) -> None:
    run(
        "INSERT INTO recharges_codelot (uuid, name, size, imported_at)"
        " SELECT gen_random_uuid(), 'vide', 1, now() FROM generate_series(1, 25)"
    )
    assert "      … et 5 autres" in printed()[1].splitlines()


def test_a_night_without_gaps_writes_to_nobody(books: Books) -> None:
    factories.UserFactory(role=Role.ADMINISTRATOR)
    assert count_again(night=factories.today()) == {}
    deliver_due()
    assert mail.outbox == []


def test_a_night_with_gaps_tells_each_administrator_once(books: Books) -> None:
    people = [factories.UserFactory(role=Role.ADMINISTRATOR) for _ in range(2)]
    factories.UserFactory(role=Role.ADMINISTRATOR, is_active=False)
    run("UPDATE order_order SET total_incl_tax = total_incl_tax + 0.01")

    reconcile()
    assert count_again(night=factories.today()) == {"bills": 3}  # the task ran twice
    deliver_due()

    assert sorted(message.to[0] for message in mail.outbox) == sorted(one.email for one in people)
    text = mail.outbox[0].body
    assert f"- {RULES['bills'].says} 3 écarts." in text.splitlines()
    assert "manage.py reconcile_codes" in text


def test_it_runs_every_night() -> None:
    schedules: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    nightly = [one for one in schedules.values() if one["task"] == reconcile.name]
    assert [one["schedule"].hour for one in nightly] == [{3}]
    assert [one["schedule"].minute for one in nightly] == [{0}]
