"""An invoice or a credit note: its page, and what is done with it."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.ui.errors import DomainError
from shop.billing import credits, runs
from shop.billing.account import file_name
from shop.billing.backoffice.acts import issue_as_seen
from shop.billing.backoffice.base import InvoicePage, find, heading, settings_url
from shop.billing.backoffice.history import history
from shop.billing.backoffice.panels import panels
from shop.billing.freezing import missing_of
from shop.billing.models import (
    BillingSettings,
    BuyerTerms,
    CreditNote,
    Invoice,
    InvoiceDocument,
)

LINES_PER_PAGE = 100


class DetailView(InvoicePage):
    """An invoice: both parties, its lines, what was done to it, and what may be done."""

    template_name = "billing/backoffice/invoice.html"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show it."""
        self.invoice = found = find(uuid)
        lines = found.lines.annotate(back=Sum("corrections__quantity", default=0))
        lines = lines.select_related("order_line__order__placed").order_by("position")
        return self.show(
            invoice=found,
            page=Paginator(lines, LINES_PER_PAGE).get_page(request.GET.get("page")),
            drawn=InvoiceDocument.objects.filter(invoice=found).exists(),
            lacks=[] if found.is_issued else missing_of(found.structure),
            terms=None if found.is_issued else BuyerTerms.of(found.structure),
            missing=[] if found.is_issued else BillingSettings.load().missing(),
            settings_url=settings_url(),
            notes=found.credit_notes.order_by("pk"),
            acts=history(found),
            panels=panels(found, request.user),
            month=heading(found.month),
        )


class RefreshView(InvoicePage):
    """Read a draft again from its orders."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the invoice."""
        return redirect("billing_invoices:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Bring it up to date, or say that it is gone."""
        draft = find(uuid)
        if runs.refresh(draft) is None:
            messages.warning(request, runs.DRAFT_GONE)
            return _back(uuid, draft)
        messages.success(request, "Le brouillon dit ce que disent ses commandes.")
        return redirect("billing_invoices:detail", uuid)


class IssueView(InvoicePage):
    """Ask once more, then issue one."""

    template_name = "billing/backoffice/issue.html"
    page_title = "Émettre"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Say what is issued, and that it cannot be undone."""
        self.invoice = find(uuid)
        if self.invoice.is_issued:
            return redirect("billing_invoices:detail", uuid)
        return self.page()

    def page(self, *, status: int = 200) -> HttpResponse:
        """Draw the question."""
        return self.show(
            status=status,
            invoice=self.invoice,
            lacks=missing_of(self.invoice.structure),
            missing=BillingSettings.load().missing(),
            settings_url=settings_url(),
            month=heading(self.invoice.month),
        )

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Issue it, or say why not."""
        self.invoice = found = find(uuid)
        if found.is_issued:  # a second click
            return redirect("billing_invoices:detail", uuid)
        try:
            issued = issue_as_seen(found, seen=_amount(request.POST.get("seen")), by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            self.invoice = find(uuid)
            return self.page(status=409)
        if issued is None:
            messages.warning(request, runs.DRAFT_GONE)
            return _back(uuid, found)
        messages.success(request, f"{issued} émis{'' if issued.is_credit_note else 'e'}.")
        return redirect("billing_invoices:detail", uuid)


class PdfView(InvoicePage):
    """The document of an issued invoice."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Hand it out; say that it is being drawn where it is not there yet."""
        found = find(uuid)
        if not found.is_issued:
            raise Http404
        document = InvoiceDocument.objects.filter(invoice=found).only("pdf").first()
        if document is None:
            messages.info(request, "Le document est en préparation. Revenez dans un instant.")
            return redirect("billing_invoices:detail", uuid)
        answer = HttpResponse(bytes(document.pdf), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{file_name(found)}.pdf"'
        answer["Cache-Control"] = "private, no-store"
        return answer


class DropView(InvoicePage):
    """Give up a credit note that a référent drafted."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the credit note."""
        return redirect("billing_invoices:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Delete the draft, and lead to the invoice that it corrected."""
        draft = find(uuid)
        try:
            credits.drop_draft(by=request.user, credit_note=uuid)
        except CreditNote.DoesNotExist:
            messages.error(
                request, "Seul un avoir préparé à la main, et pas encore émis, s’abandonne."
            )
            return redirect("billing_invoices:detail", uuid)
        messages.success(request, "L’avoir est abandonné.")
        corrected = draft.corrects
        return redirect("billing_invoices:detail", corrected.uuid if corrected else uuid)


def _back(uuid: UUID, draft: Invoice) -> HttpResponse:
    """Lead to what is left of a draft: itself, or its month."""
    if Invoice.objects.filter(uuid=uuid).exists() or draft.run is None:
        return redirect("billing_invoices:detail", uuid)
    return redirect("billing_runs:run", draft.run.uuid)


def _amount(text: str | None) -> Decimal:
    """Return what the form says was seen; an amount of no invoice where it says nothing."""
    try:
        return Decimal(text or "-1")
    except InvalidOperation:
        return Decimal(-1)
