"""Payments by hand: never more than is left, once a key, cancelled rather than erased."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from portal.privacy.models import AuditEntry
from portal.ui.errors import NotAllowed
from shop.billing import credits, issuing
from shop.billing.models import Invoice, InvoiceLine, Payment
from shop.billing.payments.services import PaymentRefused, record_payment, void_payment
from tests import factories
from tests.billing import world
from tests.billing.test_parallel import at_once

pytestmark = pytest.mark.django_db


def issued(units: int = 3) -> Invoice:
    """Return an issued invoice of 6,00 € a unit."""
    world.seller()
    world.stock(illimite_france=units)
    world.ordered(world.customer(), illimite_france=units)
    world.opened()
    made = issuing.issue(world.only(), by=world.manager())
    assert made is not None
    return made


@pytest.fixture
def invoice() -> Invoice:
    """Return an issued invoice of 18,00 €."""
    return issued()


def pay(invoice: Invoice, amount: str = "18.00", **fields: object) -> Payment:
    """Record a payment by the service."""
    said = {
        "by": world.manager(),
        "invoice": invoice.uuid,
        "amount": Decimal(amount),
        "received_on": factories.today(),
        "method": Payment.Method.TRANSFER,
        "key": uuid.uuid4(),
        **fields,
    }
    return record_payment(**said)


def left(invoice: Invoice) -> str:
    """Return what is left of an invoice, in euros."""
    return str(Invoice.objects.with_balance().get(pk=invoice.pk).left)


def sentence(invoice: Invoice, *args: str, **fields: object) -> str:
    """Return why a payment is refused, and check that nothing was written."""
    before = list(Payment.objects.values())
    with pytest.raises(PaymentRefused) as caught:
        pay(invoice, *args, **fields)
    assert list(Payment.objects.values()) == before
    return caught.value.message.replace("\u00a0", " ")


def test_partial_payments_add_up(invoice: Invoice) -> None:
    pay(invoice, "5.00", method=Payment.Method.CHEQUE, reference="  n° 12  34 ")
    assert left(invoice) == "13.00"
    pay(invoice, "13.00")
    assert left(invoice) == "0.00"
    first = Payment.objects.earliest("pk")
    assert (first.method, first.reference) == ("cheque", "n° 12 34")


def test_a_second_click_is_the_same_payment(invoice: Invoice) -> None:
    key = uuid.uuid4()
    assert pay(invoice, "5.00", key=key) == pay(invoice, "5.00", key=key)
    assert Payment.objects.count() == 1
    assert AuditEntry.objects.filter(action="billing.paid").count() == 1
    assert sentence(invoice, "6.00", key=key) == (
        "Ce formulaire a déjà noté 5,00 €. Rouvrez la facture pour noter un autre paiement."
    )


def test_the_sentence_says_how_much_is_left(invoice: Invoice) -> None:
    pay(invoice, "5.50")
    number = invoice.number
    assert sentence(invoice, "12.51") == (
        f"Il reste 12,50 € à payer sur la facture {number}, et ce paiement est de 12,51 €. "
        "Rien n’a été écrit."
    )
    pay(invoice, "12.50")
    assert sentence(invoice, "0.01") == (
        f"La facture {number} est déjà payée en entier. Rien n’a été écrit."
    )


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_a_payment_is_at_least_a_cent(invoice: Invoice, amount: str) -> None:
    assert sentence(invoice, amount) == "Un paiement est d’au moins un centime. Rien n’a été écrit."


def test_a_day_to_come_is_refused(invoice: Invoice) -> None:
    tomorrow = factories.today() + dt.timedelta(days=1)
    assert sentence(invoice, received_on=tomorrow) == (
        "Cette date est dans le futur. Rien n’a été écrit."
    )


def test_a_draft_is_not_paid() -> None:
    world.seller()
    world.stock(illimite_france=1)
    world.ordered(world.customer(), illimite_france=1)
    world.opened()
    assert sentence(world.only()) == ("Cette facture n’est pas encore émise. Rien n’a été écrit.")


def test_credit_notes_leave_less_to_pay_and_are_not_paid(invoice: Invoice) -> None:
    line = InvoiceLine.objects.get(invoice=invoice)
    note = credits.draft_credit_note(
        by=world.manager(),
        invoice=invoice.uuid,
        quantities={line.pk: 2},
        reason="Geste",
        key=uuid.uuid4(),
    )
    issuing.issue(note, by=world.manager())
    assert sentence(invoice, "6.01").startswith("Il reste 6,00 € à payer")
    note.refresh_from_db()
    assert sentence(note, "6.00") == (
        f"{note.number} est un avoir : il ne se paie pas. Rien n’a été écrit."
    )
    pay(invoice, "6.00")
    assert left(invoice) == "0.00"


def test_a_wrong_payment_is_cancelled_for_a_reason_and_stays(invoice: Invoice) -> None:
    wrong, by = pay(invoice), world.manager()
    with pytest.raises(PaymentRefused) as caught:
        void_payment(by=by, payment=wrong.uuid, reason="  ")
    assert caught.value.message == "Dites pourquoi ce paiement est annulé."
    for _ in range(2):
        void_payment(by=by, payment=wrong.uuid, reason="Chèque rejeté")
    wrong.refresh_from_db()
    assert (wrong.voided_by, wrong.void_reason, str(wrong.amount)) == (by, "Chèque rejeté", "18.00")
    assert left(invoice) == "18.00"
    assert AuditEntry.objects.filter(action="billing.payment_voided").count() == 1
    pay(invoice)
    assert left(invoice) == "0.00"


def test_a_partner_records_and_cancels_nothing(invoice: Invoice) -> None:
    partner, paid = world.customer().user, pay(invoice)
    with pytest.raises(NotAllowed):
        pay(invoice, "1.00", by=partner)
    with pytest.raises(NotAllowed):
        void_payment(by=partner, payment=paid.uuid, reason="Erreur")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queued")
def test_two_who_pay_the_same_invoice_at_once_do_not_pay_it_twice() -> None:
    invoice, by, key = issued(), world.manager(), uuid.uuid4()

    def attempt(**fields: object) -> str:
        try:
            return str(pay(invoice, by=by, **fields).uuid)
        except PaymentRefused as error:
            return error.message

    crowd = [lambda: attempt() for _ in range(4)] + [lambda: attempt(key=key) for _ in range(4)]
    answers = at_once(crowd)  # type: ignore[arg-type]
    paid = Payment.objects.get()
    assert str(paid.amount) == "18.00"
    refusal = f"La facture {invoice.number} est déjà payée en entier. Rien n’a été écrit."
    assert set(map(str, answers)) <= {str(paid.uuid), refusal}
