"""Recording payments and cancelling wrong ones, under the invoice's lock: never beyond its rest.

Locks are taken in this order: a line of the bank, then invoices by their keys.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError
from portal.ui.text import format_euros
from shop.billing.models import Invoice, Payment, StatementLine
from shop.billing.rights import check_manager

ZERO = Decimal("0.00")
_UNTOUCHED = "Rien n’a été écrit."


class PaymentRefused(DomainError):
    """No such payment can be written; the message says why, and how much is left."""

    default_code = "payment_refused"


@transaction.atomic
def record_payment(
    *,
    by: User,
    invoice: UUID,
    amount: Decimal,
    received_on: dt.date,
    method: Payment.Method,
    key: UUID,
    reference: str = "",
) -> Payment:
    """Write down money received for an issued invoice, whole or in part.

    Args:
        by: a référent or an administrator.
        invoice: the one that is paid.
        amount: in euros, at most what is left.
        received_on: a day in Paris, not in the future.
        method: how it came.
        key: drawn with the form: a second click gets the same payment.
        reference: of the transfer or the cheque; may be empty.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        Invoice.DoesNotExist: there is no such invoice.
        PaymentRefused: more than is left, a day to come, no invoice to pay, or a key that wrote
            another payment.
    """
    check_manager(by)
    paid = _held(invoice)
    if known := _known(key, paid, amount):
        return known
    if received_on > timezone.localdate():
        raise PaymentRefused(f"Cette date est dans le futur. {_UNTOUCHED}")
    return _write(
        paid,
        amount,
        by=by,
        key=key,
        received_on=received_on,
        method=method,
        reference=" ".join(reference.split())[:100],
    )


@transaction.atomic
def void_payment(*, by: User, payment: UUID, reason: str) -> Payment:
    """Cancel a payment that was wrong: it stays, counts no more, and says why.

    A line of the bank that it came from waits again. A second click changes nothing.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        Payment.DoesNotExist: there is no such payment.
        PaymentRefused: no reason is given.
    """
    check_manager(by)
    words = " ".join(reason.split())[:300]
    if not words:
        raise PaymentRefused("Dites pourquoi ce paiement est annulé.")
    _held(Payment.objects.values_list("invoice__uuid", flat=True).get(uuid=payment))
    wrong = Payment.objects.select_related("invoice").get(uuid=payment)
    if wrong.is_voided:
        return wrong
    wrong.voided_at, wrong.voided_by, wrong.void_reason = timezone.now(), by, words
    wrong.save(update_fields=["voided_at", "voided_by", "void_reason"])
    record(by=by, action="billing.payment_voided", target=wrong.invoice, payment=str(wrong.uuid))
    return wrong


@transaction.atomic
def pay_from_line(*, by: User, line: UUID, parts: Mapping[UUID, Decimal]) -> list[Payment]:
    """Pay invoices with a line of the bank, all or none; what it paid already stays as it is.

    Args:
        by: a référent or an administrator.
        line: of a statement.
        parts: euros, by the invoice that each pays.

    Returns:
        A payment for each part, in the order of ``parts``.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        StatementLine.DoesNotExist, Invoice.DoesNotExist: there is none such.
        PaymentRefused: more than is left of an invoice or of the line, or a line set aside.
    """
    check_manager(by)
    held = StatementLine.objects.select_for_update(of=("self",)).get(uuid=line)
    if held.set_aside_at:
        raise PaymentRefused(f"Cette ligne a été écartée. {_UNTOUCHED}")
    invoices = {uuid: _held(uuid) for uuid in sorted(parts)}
    return [_part(held, invoices[uuid], amount, by) for uuid, amount in parts.items()]


@transaction.atomic
def set_aside(*, by: User, line: UUID) -> StatementLine:
    """Say that a line of the bank pays no invoice, and erase its label; a second click is harmless.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        StatementLine.DoesNotExist: there is none such.
        PaymentRefused: it pays an invoice.
    """
    check_manager(by)
    held = StatementLine.objects.select_for_update(of=("self",)).get(uuid=line)
    if held.set_aside_at:
        return held
    if Payment.objects.counting().filter(statement_line=held).exists():
        raise PaymentRefused(
            "Cette ligne paie une facture. Annulez d’abord ce paiement, si c’est une erreur."
        )
    held.set_aside_at, held.set_aside_by, held.label = timezone.now(), by, ""
    held.save(update_fields=["set_aside_at", "set_aside_by", "label"])
    record(by=by, action="billing.line_set_aside", target=held)
    return held


def left_of_line(line: StatementLine) -> Decimal:
    """Return what a line of the bank has not paid with yet, in euros."""
    used = Payment.objects.counting().filter(statement_line=line)
    spent: Decimal = used.aggregate(sum=Sum("amount", default=ZERO))["sum"]
    return line.amount - spent


def _held(uuid: UUID) -> Invoice:
    """Lock an invoice: whoever pays it at this moment is waited for."""
    held = Invoice.objects.select_for_update(of=("self",), no_key=True)
    return held.get(uuid=uuid)


def _known(key: UUID, invoice: Invoice, amount: Decimal) -> Payment | None:
    """Return the payment that a form wrote already.

    Raises:
        PaymentRefused: it wrote another one.
    """
    known = Payment.objects.filter(key=key).first()
    if known and (known.invoice_id, known.amount) != (invoice.pk, amount):
        raise PaymentRefused(
            f"Ce formulaire a déjà noté {format_euros(known.amount)}. Rouvrez la facture pour "
            "noter un autre paiement."
        )
    return known


def _part(line: StatementLine, invoice: Invoice, amount: Decimal, by: User) -> Payment:
    """Pay one invoice with some of a line that is held, unless it did so already.

    Raises:
        PaymentRefused: see `pay_from_line`.
    """
    known = Payment.objects.counting().filter(statement_line=line, invoice=invoice).first()
    if known and known.amount == amount:
        return known
    if known:
        raise PaymentRefused(
            f"Cette ligne paie déjà {format_euros(known.amount)} de la facture "
            f"{invoice.number}. {_UNTOUCHED}"
        )
    left = left_of_line(line)
    if amount > left:
        raise PaymentRefused(
            f"Il reste {format_euros(left)} sur cette ligne du relevé, et vous en demandez "
            f"{format_euros(amount)}. {_UNTOUCHED}"
        )
    return _write(
        invoice,
        amount,
        by=by,
        received_on=line.received_on,
        method=Payment.Method.TRANSFER,
        reference=line.label[:100],
        statement_line=line,
    )


def _write(invoice: Invoice, amount: Decimal, *, by: User, **said: object) -> Payment:
    """Write a payment of an invoice that is held, and its audit row.

    Raises:
        PaymentRefused: nothing is to pay, or less than ``amount``.
    """
    if invoice.is_credit_note:
        raise PaymentRefused(
            f"{invoice.number} est un avoir\u00a0: il ne se paie pas. {_UNTOUCHED}"
        )
    if not invoice.is_issued:
        raise PaymentRefused(f"Cette facture n’est pas encore émise. {_UNTOUCHED}")
    left: Decimal = Invoice.objects.with_balance().values_list("left", flat=True).get(pk=invoice.pk)
    if not left:
        raise PaymentRefused(f"La facture {invoice.number} est déjà payée en entier. {_UNTOUCHED}")
    if amount <= 0:
        raise PaymentRefused(f"Un paiement est d’au moins un centime. {_UNTOUCHED}")
    if amount > left:
        raise PaymentRefused(
            f"Il reste {format_euros(left)} à payer sur la facture {invoice.number}, et ce "
            f"paiement est de {format_euros(amount)}. {_UNTOUCHED}"
        )
    made = Payment(invoice=invoice, amount=amount, by=by, **said)
    made.save(force_insert=True)
    record(
        by=by,
        action="billing.paid",
        target=invoice,
        payment=str(made.uuid),
        amount=f"{amount:.2f}",
    )
    return made
