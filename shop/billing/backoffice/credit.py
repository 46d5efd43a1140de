"""« Faire un avoir » : units of an invoice's lines, for a reason that the structure reads."""

import uuid as uuids
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import F, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.ui.errors import DomainError
from shop.billing import credits
from shop.billing.backoffice.base import InvoicePage, find
from shop.billing.models import Invoice, InvoiceLine

#: Lines on one form; a longer invoice is cut by its orders.
MOST_LINES = 200


class CreditForm(forms.Form):
    """Units to give back of each line, and why.

    Args:
        lines: those that may still be given back, each with ``left``.
        everything: propose all that is left.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="La structure le lit sur son avoir.",
        error_messages={"required": "Dites le motif de cet avoir\u00a0: la structure le lira."},
    )

    def __init__(
        self, *args: Any, lines: Sequence[InvoiceLine], everything: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            left: int = line.left  # type: ignore[attr-defined]  # an annotation
            self.fields[_name(line)] = forms.IntegerField(
                label=f"Articles à rendre, {line.title}, commande {line.order_number}",
                required=False,
                min_value=0,
                max_value=left,
                initial=left if everything else None,
                error_messages={
                    "invalid": "Écrivez un nombre entier d’articles.",
                    "min_value": "Écrivez un nombre entier d’articles.",
                    "max_value": f"Il reste {left} article{'s' if left > 1 else ''} à rendre.",
                },
            )

    def rows(self) -> list[tuple[InvoiceLine, forms.BoundField]]:
        """Return each line with its field."""
        return [(line, self[_name(line)]) for line in self.lines]

    def quantities(self) -> dict[int, int]:
        """Return the units to give back, by the key of the invoice's line."""
        return {line.pk: self.cleaned_data[_name(line)] or 0 for line in self.lines}


class CreditView(InvoicePage):
    """Choose what an issued invoice gives back."""

    template_name = "billing/backoffice/credit.html"
    page_title = "Faire un avoir"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the lines with what is left of each; ``tout`` proposes all of it."""
        self.invoice = find(uuid)
        if self.invoice.is_credit_note or not self.invoice.is_issued:
            messages.warning(request, "Un avoir corrige une facture émise.")
            return redirect("billing_invoices:detail", uuid)
        form = CreditForm(
            initial={"key": uuids.uuid4()},
            lines=self.shown_lines(),
            everything="tout" in request.GET,
        )
        return self.page(form)

    def shown_lines(self) -> list[InvoiceLine]:
        """Return the lines of the order that is asked for, or the first ones."""
        found = creditable(self.invoice)
        if order := self.request.GET.get("commande", "").strip():
            found = found.filter(order_number=order)
        return list(found[:MOST_LINES])

    def page(self, form: CreditForm, *, status: int = 200) -> HttpResponse:
        """Draw the form."""
        return self.show(
            status=status,
            invoice=self.invoice,
            form=form,
            total=creditable(self.invoice).count(),
            order=self.request.GET.get("commande", ""),
        )

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Draft the credit note, or show what is wrong beside what was typed."""
        self.invoice = find(uuid)
        form = CreditForm(request.POST, lines=self.shown_lines())
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            note = credits.draft_credit_note(
                by=request.user,
                invoice=uuid,
                quantities=form.quantities(),
                reason=form.cleaned_data["reason"],
                key=form.cleaned_data["key"],
            )
        except DomainError as error:
            form.add_error(None, error.message)
            return self.page(form, status=422)
        messages.success(request, "L’avoir est prêt. Relisez-le, puis émettez-le.")
        return redirect("billing_invoices:detail", note.uuid)


def creditable(invoice: Invoice) -> QuerySet[InvoiceLine]:
    """Return the paid lines of an invoice of which units may be given back, with ``left``."""
    lines = invoice.lines.filter(is_free=False)
    counted = lines.annotate(left=F("quantity") - Sum("corrections__quantity", default=0))
    return counted.filter(left__gt=0).order_by("position")


def _name(line: InvoiceLine) -> str:
    return f"ligne-{line.pk}"
