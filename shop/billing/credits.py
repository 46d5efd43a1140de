"""Credit notes: what an invoice took and an order gave back, or a référent decides to give back."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Sum

from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.billing.consumption import bounds
from shop.billing.models import BillingRun, CreditNote, Invoice, InvoiceLine
from shop.billing.rights import check_manager
from shop.handovers.months import this_month

CANCELLED = "Commande annulée après la facture"


class CreditRefused(DomainError):
    """No such credit note can be made; the message says what to change."""

    default_code = "credit_refused"


def to_collect(month: dt.date) -> list[int]:
    """Return the structures with orders cancelled up to the end of a month, invoiced, not credited.

    Args:
        month: its first day. What an earlier run missed is in it too.
    """
    found = _cancelled(month).order_by("invoice__structure").distinct()
    return list(found.values_list("invoice__structure", flat=True))


@transaction.atomic
def collect(run: BillingRun, structures: Collection[int]) -> None:
    """Draft the credit notes of orders that were cancelled after their invoice: one an invoice.

    What a credit note gives back already, issued or not, is not given back again.
    """
    lines = _cancelled(run.month).filter(invoice__structure__in=structures)
    for pk in sorted(set(lines.values_list("invoice", flat=True))):
        # Whoever credits the same invoice is waited for; what is left is read after that.
        invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        left = _left(lines.filter(invoice=invoice))
        if left:
            note, _ = CreditNote.objects.get_or_create(
                run=run,
                corrects=invoice,
                state=Invoice.State.DRAFT,
                defaults=_heading(invoice, run.month, CANCELLED),
            )
            _write(note, left)


@transaction.atomic
def draft_credit_note(
    *, by: User, invoice: UUID, quantities: Mapping[int, int], reason: str, key: UUID
) -> CreditNote:
    """Draft a credit note of chosen units of an issued invoice.

    Args:
        by: a référent or an administrator.
        invoice: the one to correct.
        quantities: units to give back, by the key of the invoice's line.
        reason: why; the structure reads it.
        key: drawn with the form: a second click gets the same credit note.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        Invoice.DoesNotExist: there is no such invoice.
        CreditRefused: no reason, nothing chosen, more than is left, or not an issued invoice.
    """
    check_manager(by)
    words = " ".join(reason.split())[:300]
    if not words:
        raise CreditRefused("Dites le motif de cet avoir\u00a0: la structure le lira.")
    corrected = Invoice.objects.select_for_update(of=("self",), no_key=True).get(uuid=invoice)
    known = CreditNote.objects.filter(key=key, corrects=corrected).first()
    if known:
        return known
    if corrected.is_credit_note or not corrected.is_issued:
        raise CreditRefused(
            "Un avoir corrige une facture émise. Un brouillon se corrige par ses commandes."
        )
    chosen = _chosen(corrected, quantities)
    note = CreditNote(**_heading(corrected, this_month(), words), corrects=corrected, key=key)
    note.save(force_insert=True)
    _write(note, chosen)
    record(by=by, action="billing.credit_drafted", target=note, invoice=corrected.number)
    return note


@transaction.atomic
def drop_draft(*, by: User, credit_note: UUID) -> None:
    """Delete a credit note that a référent drafted and does not want after all.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        CreditNote.DoesNotExist: there is no such draft; a run's own ones stay.
    """
    check_manager(by)
    drafts = CreditNote.objects.filter(state=Invoice.State.DRAFT, run=None)
    note = drafts.select_for_update(of=("self",)).get(uuid=credit_note)
    record(by=by, action="billing.credit_dropped", target=note)
    note.delete()


def _cancelled(month: dt.date) -> QuerySet[InvoiceLine]:
    """Return the invoiced lines of orders cancelled before the end of a month, not given back.

    Each has ``back``, the units that credit notes give back, drafts included.
    """
    _, end = bounds(month)
    lines = InvoiceLine.objects.filter(
        invoice__kind=Invoice.Kind.INVOICE,
        invoice__state=Invoice.State.ISSUED,
        is_free=False,
        order_line__order__placed__cancelled_at__lt=end,
    )
    return _counted(lines).filter(back__lt=F("quantity"))  # type: ignore[misc]  # an annotation


def _counted(lines: QuerySet[InvoiceLine]) -> QuerySet[InvoiceLine]:
    return lines.annotate(back=Sum("corrections__quantity", default=0)).order_by("position", "pk")


def _left(counted: QuerySet[InvoiceLine]) -> dict[int, int]:
    """Return the units that may be given back, by line."""
    rows = counted.values_list("pk", "quantity", "back")  # type: ignore[misc]  # an annotation
    return {key: quantity - back for key, quantity, back in rows}


def _chosen(invoice: Invoice, quantities: Mapping[int, int]) -> dict[int, int]:
    """Check what a référent chose against what is left of each line.

    Raises:
        CreditRefused: nothing is chosen, or more than is left.
    """
    lines = _counted(InvoiceLine.objects.filter(invoice=invoice, is_free=False))
    left = _left(lines)
    chosen = {key: units for key, units in quantities.items() if units}
    if not chosen:
        raise CreditRefused("Choisissez au moins un article à rendre.")
    for key, units in chosen.items():
        if not 0 < units <= left.get(key, 0):
            raise CreditRefused(
                f"Il reste {left.get(key, 0)} article(s) à rendre sur une des lignes, et vous en "
                f"demandez {units}. Rien n’a été écrit."
            )
    return chosen


def _heading(invoice: Invoice, month: dt.date, reason: str) -> dict[str, Any]:
    """Return what a new credit note says of the invoice that it corrects."""
    return {
        "kind": Invoice.Kind.CREDIT_NOTE,
        "structure_id": invoice.structure_id,
        "month": month,
        "supplied_from": invoice.supplied_from,
        "supplied_to": invoice.supplied_to,
        "reason": reason,
    }


def _write(note: CreditNote, units: Mapping[int, int]) -> None:
    """Add lines to a draft, units by the key of the line that each gives back, and total it."""
    position = note.lines.count()
    for line in InvoiceLine.objects.filter(pk__in=units).order_by("position"):
        position += 1
        line.corrects_id, line.quantity = line.pk, units[line.pk]
        line.pk, line.invoice_id, line.position = None, note.pk, position  # the rest is a copy
        line.total = line.quantity * line.unit_price
        line.save(force_insert=True)
    note.total = note.lines.aggregate(total=Sum("total"))["total"]
    note.save(update_fields=["total"])
