"""What is issued never changes: raw SQL is refused by the database itself."""

# ruff: noqa: S608 (statements made of constants)
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from shop.billing import issuing
from shop.billing.credits import draft_credit_note
from shop.billing.models import Invoice, InvoiceDocument
from tests.billing import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued() -> Invoice:
    """An issued invoice of two articles with a document, and a draft credit note of one of them."""
    world.seller()
    world.stock(illimite_france=9)
    world.ordered(world.customer(), illimite_france=2)
    world.opened()
    by = world.manager()
    invoice = issuing.issue(world.only(), by=by)
    assert invoice is not None
    InvoiceDocument.objects.create(invoice=invoice, pdf=b"%PDF", xml=b"<x/>", sha256="0" * 64)
    line = invoice.lines.get().pk
    draft_credit_note(
        by=by, invoice=invoice.uuid, quantities={line: 1}, reason="Geste", key=uuid.uuid4()
    )
    return invoice


ISSUED = "(SELECT id FROM billing_invoice WHERE state = 'issued')"
NOTE = "(SELECT id FROM billing_invoice WHERE state = 'draft')"
REFUSED = {
    "change an invoice": f"UPDATE billing_invoice SET total = total + 1 WHERE id = {ISSUED}",
    "make it a draft again": f"UPDATE billing_invoice SET state = 'draft' WHERE id = {ISSUED}",
    "number it otherwise": f"UPDATE billing_invoice SET rank = 7 WHERE id = {ISSUED}",
    "change its buyer": f"UPDATE billing_invoice SET buyer = '{{}}' WHERE id = {ISSUED}",
    "delete an invoice": f"DELETE FROM billing_invoice WHERE id = {ISSUED}",
    "empty the table": "TRUNCATE billing_invoice CASCADE",
    "change a line": f"UPDATE billing_invoiceline SET title = 'x' WHERE invoice_id = {ISSUED}",
    "delete a line": f"DELETE FROM billing_invoiceline WHERE invoice_id = {ISSUED}",
    "move a line away": (
        f"UPDATE billing_invoiceline SET invoice_id = {NOTE} WHERE invoice_id = {ISSUED}"
    ),
    "move a line in": (
        f"UPDATE billing_invoiceline SET invoice_id = {ISSUED}, position = 9"
        f" WHERE invoice_id = {NOTE}"
    ),
    "give back more than was billed": (
        f"UPDATE billing_invoiceline SET quantity = 3, total = 18 WHERE invoice_id = {NOTE}"
    ),
    "give back another price": (
        f"UPDATE billing_invoiceline SET unit_price = 5, total = 5 WHERE invoice_id = {NOTE}"
    ),
    "change a document": "UPDATE billing_invoicedocument SET pdf = 'x'",
    "delete a document": "DELETE FROM billing_invoicedocument",
    "document a draft": (
        "INSERT INTO billing_invoicedocument (invoice_id, pdf, xml, sha256, made_at)"
        f" VALUES ({NOTE}, '', '', '', now())"
    ),
    "take a number back": "UPDATE billing_numberseries SET last = last - 1",
    "leave a hole": "UPDATE billing_numberseries SET last = last + 2",
    "date a number before": (
        "UPDATE billing_numberseries SET last = last + 1, last_on = last_on - 1"
    ),
    "delete the series": "DELETE FROM billing_numberseries",
    "begin a series in the middle": (
        "INSERT INTO billing_numberseries (year, last, last_on) VALUES (2050, 5, '2050-01-01')"
    ),
}
#: What a draft needs to be issued, by hand.
BY_HAND = (
    "UPDATE billing_invoice SET state = 'issued', year = {year}, rank = {rank},"
    " number = '{year}-' || lpad({rank}::text, 6, '0'), issued_on = '{day}', due_on = '{day}',"
    " issued_by_id = (SELECT min(id) FROM accounts_user), seller = '{{}}', buyer = '{{}}',"
    f" mentions = '{{{{}}}}', total = {{total}} WHERE id = {NOTE}"
)


def run(statement: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as after a commit
        cursor.execute(statement)
        return int(cursor.rowcount)


@pytest.mark.parametrize("what", REFUSED)
def test_raw_sql_cannot(issued: Invoice, what: str) -> None:
    before = world.snapshot()
    with pytest.raises(IntegrityError):
        run(REFUSED[what])
    assert world.snapshot() == before


def test_a_draft_may_change_and_go(issued: Invoice) -> None:
    assert run(f"UPDATE billing_invoice SET reason = 'Autre' WHERE id = {NOTE}") == 1
    assert run(f"DELETE FROM billing_invoiceline WHERE invoice_id = {NOTE}") == 1
    assert run(f"DELETE FROM billing_invoice WHERE id = {NOTE}") == 1


@pytest.mark.parametrize(
    ("rank", "total"), [(1, Decimal("6.00")), (3, Decimal("6.00")), (2, Decimal("6.01"))]
)
def test_nobody_issues_by_hand_out_of_the_series_or_at_another_total(
    issued: Invoice, rank: int, total: Decimal
) -> None:
    if rank == 2:
        run("UPDATE billing_numberseries SET last = last + 1")
    statement = BY_HAND.format(
        year=issued.year, rank=rank, day=f"{issued.issued_on:%Y-%m-%d}", total=total
    )
    with pytest.raises(IntegrityError):
        run(statement)


def test_an_invoice_begins_as_a_draft(issued: Invoice) -> None:
    copy = Invoice.objects.get(pk=issued.pk)
    copy.pk, copy.uuid, copy.key, copy.rank, copy.number = None, uuid.uuid4(), uuid.uuid4(), 2, "x"
    copy.month = world.noon(copy.month).date().replace(year=2020, day=1)
    with pytest.raises(IntegrityError, match="begins as a draft"), transaction.atomic():
        copy.save(force_insert=True)
