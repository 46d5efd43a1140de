"""What is left of an invoice: its total, less credit notes and the payments that count."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
import time_machine
from django.db import Error, connection, transaction

from shop.billing import balances, credits, issuing
from shop.billing.models import Invoice, InvoiceLine, Payment
from tests import factories
from tests.billing import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice() -> Invoice:
    """Return an issued invoice of 18,00 €: three recharges at 6,00 €."""
    world.seller()
    world.stock(illimite_france=3)
    world.ordered(world.customer(), illimite_france=3)
    world.opened()
    issued = issuing.issue(world.only(), by=world.manager())
    assert issued is not None
    return issued


def pay(invoice: Invoice, amount: str) -> Payment:
    """Write a payment, past the services."""
    return Payment.objects.create(
        invoice=invoice,
        amount=Decimal(amount),
        received_on=factories.today(),
        by=world.manager(),
    )


def credit(invoice: Invoice, units: int) -> Invoice:
    """Issue a credit note of units of its only line."""
    line = InvoiceLine.objects.get(invoice=invoice)
    by = world.manager()
    note = credits.draft_credit_note(
        by=by,
        invoice=invoice.uuid,
        quantities={line.pk: units},
        reason="Geste",
        key=uuid.uuid4(),
    )
    issued = issuing.issue(note, by=by)
    assert issued is not None
    return issued


def stands(invoice: Invoice) -> tuple[str, str, str, str, str]:
    """Return what was paid, credited, what is left, the situation, and its words."""
    one = Invoice.objects.with_balance().get(pk=invoice.pk)
    return (
        str(one.paid),
        str(one.credited),
        str(one.left),
        one.situation,
        balances.words(one).replace("\u00a0", " "),
    )


def test_an_invoice_is_to_pay_then_paid_in_part_then_paid(invoice: Invoice) -> None:
    assert stands(invoice) == ("0.00", "0.00", "18.00", "to_pay", "À payer")
    pay(invoice, "5.50")
    words = "Payée en partie : reste 12,50 €"
    assert stands(invoice) == ("5.50", "0.00", "12.50", "to_pay", words)
    pay(invoice, "12.50")
    assert stands(invoice) == ("18.00", "0.00", "0.00", "paid", "Payée")


def test_an_invoice_is_late_from_the_day_after_it_is_due_in_paris(invoice: Invoice) -> None:
    due = dt.datetime.combine(invoice.due_on or dt.date.min, dt.time(), tzinfo=world.PARIS)
    with time_machine.travel(due + dt.timedelta(hours=23, minutes=59), tick=False):
        assert stands(invoice)[3:] == ("to_pay", "À payer")
    with time_machine.travel(due + dt.timedelta(days=1), tick=False):
        assert stands(invoice)[3:] == ("late", "En retard")
        pay(invoice, "8.00")
        words = "En retard, payée en partie : reste 10,00 €"
        assert stands(invoice)[3:] == ("late", words)
        pay(invoice, "10.00")
        assert stands(invoice)[3:] == ("paid", "Payée")


def test_credit_notes_count_once_they_are_issued(invoice: Invoice) -> None:
    credit(invoice, 1)
    assert stands(invoice) == ("0.00", "6.00", "12.00", "to_pay", "À payer")
    pay(invoice, "12.00")
    assert stands(invoice)[2:4] == ("0.00", "paid")
    note = credit(invoice, 2)
    assert stands(invoice)[:4] == ("12.00", "18.00", "0.00", "paid")
    assert stands(note) == ("0.00", "0.00", "0.00", "", "")


def test_a_draft_owes_nothing() -> None:
    world.seller()
    world.stock(illimite_france=1)
    world.ordered(world.customer(), illimite_france=1)
    world.opened()
    assert stands(world.only()) == ("0.00", "0.00", "0.00", "", "")


def refused(write: str) -> str:
    """Return the rule that refuses a statement of raw SQL."""
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {write}")
    cause = caught.value.__cause__
    return str(cause.diag.constraint_name)  # type: ignore[union-attr]


def test_the_database_refuses_to_rewrite_a_payment(invoice: Invoice) -> None:
    pay(invoice, "8.00")
    assert refused("UPDATE billing_payment SET amount = 1") == "billing_payment_stays"
    assert refused("DELETE FROM billing_payment") == "billing_payment_stays"
    assert refused("TRUNCATE billing_payment") == "billing_issued_stays"


def test_the_database_refuses_a_cent_beyond_what_is_left(invoice: Invoice) -> None:
    pay(invoice, "8.00")
    copied = """
        INSERT INTO billing_payment (uuid, key, invoice_id, amount, received_on, method,
                                     reference, by_id, created_at, void_reason)
        SELECT gen_random_uuid(), gen_random_uuid(), invoice_id, {}, received_on, method,
               reference, by_id, created_at, '' FROM billing_payment
    """
    assert refused(copied.format("10.01")) == "billing_payment_within_left"
    with connection.cursor() as cursor:
        cursor.execute(copied.format("10.00"))
    assert stands(invoice)[2] == "0.00"
