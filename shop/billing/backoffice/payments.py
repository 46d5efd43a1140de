"""« Paiements » : what is owed, the payments of an invoice, and cancelling a wrong one."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from wagtail.admin import messages

from portal.accounts.backoffice import Parent, StaffRequest
from portal.accounts.models import User
from portal.ui.errors import DomainError
from portal.ui.text import format_euros
from shop.billing.backoffice.base import (
    RUNS,
    BillingPage,
    BillingViewSet,
    InvoicePage,
    find,
    invoice_url,
)
from shop.billing.backoffice.panels import SENTENCES, Panel, register
from shop.billing.backoffice.payments_forms import OwingFilters, PaymentForm, VoidForm
from shop.billing.balances import Situation, words
from shop.billing.models import Invoice, Payment, Reminder
from shop.billing.payments.services import ZERO, record_payment, void_payment

PER_PAGE = 50
TITLE = "Paiements"
SENTENCES |= {
    "billing.paid": "Paiement noté",
    "billing.payment_voided": "Paiement annulé",
}


class PaymentsView(BillingPage):
    """Invoices by what is left of them, the one that is late longest first."""

    template_name = "billing/payments/list.html"
    page_title = TITLE

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show a page of them, with what is owed in all."""
        filters = OwingFilters(request.GET)
        issued = Invoice.objects.invoices().issued().with_balance()
        late = Q(situation=Situation.LATE)
        totals = issued.filter(left__gt=0).aggregate(
            count=Count("pk"),
            sum=Sum("left", default=ZERO),
            late_count=Count("pk", filter=late),
            late_sum=Sum("left", filter=late, default=ZERO),
        )
        found = filters.keep(issued).select_related("structure")
        found = found.annotate(reminded=Max("reminders__step", filter=_SENT))
        pages = Paginator(found.order_by("due_on", "year", "rank"), PER_PAGE)
        page = pages.get_page(request.GET.get("page"))
        return self.show(
            filters=filters,
            totals=totals,
            page=page,
            rows=[(one, words(one), _reminded(one.reminded)) for one in page],
            query=self.filtering,
        )


class RecordView(InvoicePage):
    """Write down a payment of an invoice; its panel sends here."""

    template_name = "billing/payments/record.html"
    page_title = "Noter un paiement"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the form alone, for whoever reloads."""
        self.invoice = find(uuid)
        balance = _balance(self.invoice)
        if not balance.left:
            return redirect(invoice_url(uuid))
        return self.show(form=PaymentForm.for_left(balance.left), invoice=balance)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Write it, or show what is wrong beside what was typed."""
        self.invoice = find(uuid)
        form = PaymentForm(request.POST)
        if form.is_valid():
            try:
                paid = record_payment(by=request.user, invoice=uuid, **form.cleaned_data)
            except DomainError as error:
                form.add_error("amount", error.message)
            else:
                messages.success(request, f"{format_euros(paid.amount)} notés.")
                return redirect(invoice_url(uuid))
        return self.show(form=form, invoice=_balance(self.invoice), status=422)


class VoidView(InvoicePage):
    """Ask why, then cancel a payment."""

    template_name = "billing/payments/void.html"
    page_title = "Annuler un paiement"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Ask."""
        return self.page(uuid, VoidForm())

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Cancel it, or say what is missing."""
        form = VoidForm(request.POST)
        if not form.is_valid():
            return self.page(uuid, form, status=422)
        get_object_or_404(Payment, uuid=uuid)
        wrong = void_payment(by=request.user, payment=uuid, reason=form.cleaned_data["reason"])
        messages.success(request, "Le paiement est annulé. Il reste visible, et ne compte plus.")
        return redirect(invoice_url(wrong.invoice.uuid))

    def page(self, uuid: UUID, form: forms.Form, *, status: int = 200) -> HttpResponse:
        """Draw the question."""
        payment = get_object_or_404(Payment.objects.select_related("invoice"), uuid=uuid)
        self.invoice = payment.invoice
        if payment.is_voided:
            return redirect(invoice_url(self.invoice.uuid))
        return self.show(form=form, payment=payment, invoice=self.invoice, status=status)


class PaymentViewSet(BillingViewSet):
    """Payments, below ``/gestion/facturation/paiements/``."""

    name = "billing_payments"
    url_prefix = "facturation/paiements"
    icon = "tick-inverse"
    menu_label = TITLE

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses."""
        view = self.construct_view
        return [
            path("", view(PaymentsView), name="index"),
            path("<uuid:uuid>/noter/", view(RecordView), name="record"),
            path("<uuid:uuid>/annuler/", view(VoidView), name="void"),
        ]


PAYMENTS: list[Parent] = [RUNS, ("billing_payments:index", [], TITLE)]
_SENT = Q(reminders__sent_at__isnull=False)


@register("payments")
def payments_panel(invoice: Invoice, by: User) -> Panel | None:
    """Return what was paid of an issued invoice, the form for more, and its reminders."""
    if not invoice.is_issued or invoice.is_credit_note:
        return None
    balance = _balance(invoice)
    paid = invoice.payments.select_related("by", "voided_by", "statement_line__statement")
    context: dict[str, Any] = {
        "balance": balance,
        "words": words(balance),
        "payments": paid,
        "reminders": invoice.reminders.filter(sent_at__isnull=False),
        "form": PaymentForm.for_left(balance.left) if balance.left else None,
    }
    return Panel(TITLE, "billing/payments/panel.html", context)


def _balance(invoice: Invoice) -> Any:
    """Return an invoice with what is paid, credited and left of it."""
    return Invoice.objects.with_balance().get(pk=invoice.pk)


def _reminded(step: int | None) -> str:
    return str(Reminder.Step(step).label) if step else ""
