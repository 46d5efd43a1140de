"""The count of invoices against orders: silent where they agree, naming each thing that is not."""

# ruff: noqa: S608 (statements made of constants)
import io
import uuid

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction

from portal.accounts.roles import Role
from shop.billing import issuing
from shop.billing.alerts import count_again
from shop.billing.credits import draft_credit_note
from shop.billing.models import CreditNote, Invoice
from shop.billing.reconcile import RULES, gaps
from shop.billing.tasks import reconcile
from shop.handovers.months import previous
from tests import factories
from tests.billing import world

pytestmark = pytest.mark.django_db

THE_LAST = "(SELECT max(id) FROM billing_invoice WHERE kind = 'invoice')"
#: What a client without the triggers' protection could do, and the rules that notice.
BREAKS = {
    "an order's line costs a cent more": (
        {"lines", "balance"},
        "UPDATE order_line SET line_price_incl_tax = line_price_incl_tax + 0.01 WHERE id ="
        f" (SELECT min(order_line_id) FROM billing_invoiceline WHERE invoice_id = {THE_LAST})",
    ),
    "an invoice loses a line": (
        {"forgotten", "totals"},
        f"DELETE FROM billing_invoiceline WHERE invoice_id = {THE_LAST} AND NOT is_free",
    ),
    "an order is taken back by hand a month ago": (
        {"given_back", "balance"},
        "UPDATE ordering_placedorder SET cancelled_at = now() - interval '31 days',"
        " cancelled_by_id = (SELECT min(id) FROM accounts_user) WHERE cancelled_at IS NULL",
    ),
    "a credit note gives back more than was billed": (
        {"credits", "given_back", "totals", "balance"},
        "UPDATE billing_invoiceline SET quantity = quantity + 1, total = total + unit_price"
        " WHERE corrects_id IS NOT NULL",
    ),
    "an invoice costs a cent more": (
        {"totals", "balance"},
        f"UPDATE billing_invoice SET total = total + 0.01 WHERE id = {THE_LAST}",
    ),
    "a number is missing": (
        {"numbers"},
        f"UPDATE billing_invoice SET rank = rank + 1 WHERE id = {THE_LAST}",
    ),
    "a date goes back": (
        {"dates"},
        "UPDATE billing_invoice SET issued_on = issued_on - 1 WHERE rank ="
        " (SELECT max(rank) FROM billing_invoice)",
    ),
}


@pytest.fixture
def books() -> None:
    """An invoice, an order of it given back by a run, and another structure's invoice."""
    world.seller()
    world.stock(monde=9, illimite_france=9)
    by = world.manager()
    member = world.customer()
    factories.quota(member.structure, "monde", 1)
    early = previous(world.last_month())
    gone = world.ordered(member, at=world.noon(early), monde=2, illimite_france=1)
    issuing.issue_run(world.opened(early), by=by)
    world.drain()
    world.cancelled(gone, at=world.noon(world.last_month()))
    world.ordered(world.customer(), illimite_france=2)
    issuing.issue_run(world.opened(), by=by)
    world.drain()


@transaction.atomic
def run(statement: str) -> None:
    """Run a statement as somebody who took the triggers away."""
    guarded = ("billing_invoice", "billing_invoiceline")
    with connection.cursor() as cursor:
        for switch in ("DISABLE", "ENABLE"):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may wait for the end
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} {switch} TRIGGER USER")
            if switch == "DISABLE":
                cursor.execute(statement)
                assert cursor.rowcount > 0


def printed() -> tuple[int, str]:
    """Run the command; return its exit status and what it printed."""
    out = io.StringIO()
    try:
        call_command("reconcile_bills", stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_books_that_the_services_wrote_are_right(books: None) -> None:
    assert gaps() == []
    assert printed()[0] == 0
    assert (Invoice.objects.issued().count(), CreditNote.objects.count()) == (3, 1)


def test_a_commercial_gesture_is_no_gap(books: None) -> None:
    invoice = Invoice.objects.invoices().order_by("pk").last()
    assert invoice is not None
    by, line = world.manager(), invoice.lines.get().pk
    note = draft_credit_note(
        by=by, invoice=invoice.uuid, quantities={line: 1}, reason="Geste", key=uuid.uuid4()
    )
    issuing.issue(note, by=by)
    assert gaps() == []


def test_every_rule_has_something_that_breaks_it() -> None:
    assert set().union(*(rules for rules, _ in BREAKS.values())) == set(RULES)


@pytest.mark.parametrize("name", BREAKS)
def test_what_raw_sql_breaks_is_named(books: None, name: str) -> None:
    rules, statement = BREAKS[name]
    run(statement)
    assert {gap.rule for gap in gaps()} == rules


def test_the_command_prints_what_disagrees_and_fails(books: None) -> None:
    run(BREAKS["an invoice costs a cent more"][1])
    status, text = printed()
    assert status == 1
    assert f"ÉCART totals        {RULES['totals'].says}" in text.splitlines()


def test_a_night_with_gaps_tells_each_administrator_once(books: None) -> None:
    person = factories.UserFactory(role=Role.ADMINISTRATOR)
    reconcile()
    world.drain()
    mail.outbox.clear()
    run(BREAKS["an invoice costs a cent more"][1])
    reconcile()
    assert count_again(night=factories.today()) == {"totals": 1, "balance": 1}
    world.drain()
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert f"- {RULES['totals'].says} 1 écart." in str(mail.outbox[0].body).splitlines()
    assert "manage.py reconcile_bills" in str(mail.outbox[0].body)
