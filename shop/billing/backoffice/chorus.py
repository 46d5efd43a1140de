"""« Chorus Pro » : choose public bodies' invoices, get one file, and know what left."""

import datetime as dt
import uuid as uuids
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.ui.errors import DomainError
from portal.ui.forms import day_input
from shop.billing import deposits
from shop.billing.backoffice.base import BillingPage, BillingViewSet
from shop.billing.document.deposit import MOST_INVOICES
from shop.billing.models import ChorusDeposit, Invoice
from shop.handovers.months import previous, this_month

TITLE = "Chorus Pro"
PER_PAGE = 25


class PeriodForm(forms.Form):
    """Days of issue; since the month before where nothing is typed."""

    du = forms.DateField(label="Émises du", required=False)
    au = forms.DateField(label="au", required=False)

    def __init__(self, data: Any) -> None:
        usual = {
            "du": previous(this_month()).isoformat(),
            "au": timezone.localdate().isoformat(),
        }
        typed = {name: data.get(name, "") for name in usual}
        super().__init__({name: text or usual[name] for name, text in typed.items()})
        for field in self.fields.values():
            field.widget = day_input()
            field.error_messages["invalid"] = "Indiquez une date, par exemple 31/12/2026."

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("du"), cleaned.get("au")
        if start and end and end < start:
            self.add_error("au", "La période finit avant de commencer\u00a0: changez une date.")
        return cleaned

    def period(self) -> tuple[dt.date, dt.date] | None:
        """Return both days; none where they are no period."""
        return (self.cleaned_data["du"], self.cleaned_data["au"]) if self.is_valid() else None


class ChorusView(BillingPage):
    """What is to be deposited, and what was."""

    template_name = "billing/backoffice/chorus.html"
    page_title = TITLE

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show both."""
        return self.page()

    def page(self, *, status: int = 200, chosen: Collection[str] | None = None) -> HttpResponse:
        """Draw the page.

        Args:
            status: of the answer.
            chosen: what was ticked on the form that was refused; everything is at first.
        """
        form = PeriodForm(self.request.GET)
        period = form.period()
        found = deposits.to_deposit(*period) if period else Invoice.objects.none()
        ready = found.filter(deposits.drawn())
        rows = list(ready[:MOST_INVOICES])
        done = ChorusDeposit.objects.select_related("created_by").annotate(count=Count("items"))
        done = done.order_by("-pk")
        return self.show(
            status=status if period else 400,
            form=form,
            key=uuids.uuid4(),
            rows=[(one, chosen is None or str(one.uuid) in chosen) for one in rows],
            more=ready.count() - len(rows) if len(rows) == MOST_INVOICES else 0,
            drawing=found.exclude(deposits.drawn()).count(),
            most=MOST_INVOICES,
            page=Paginator(done, PER_PAGE).get_page(self.request.GET.get("page")),
            query=self.filtering,
        )

    def post(self, request: StaffRequest) -> HttpResponse:
        """Make the batch, or say why not."""
        typed = request.POST.getlist("facture")
        try:
            key = UUID(request.POST.get("key", ""))
            chosen = [UUID(one) for one in typed]
        except ValueError:
            return self.page(status=422)
        try:
            made = deposits.deposit(by=request.user, key=key, invoices=chosen)
        except DomainError as error:
            messages.error(request, error.message)
            return self.page(status=422, chosen=set(typed))
        count = made.items.count()
        plural = "s" if count > 1 else ""
        messages.success(
            request, f"{made}\u00a0: {count} document{plural}. Téléchargez son fichier."
        )
        return redirect("billing_chorus:index")


class FileView(BillingPage):
    """A batch's file, as often as one likes."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Hand it out, and record that it was."""
        made = get_object_or_404(ChorusDeposit, uuid=uuid)
        try:
            file = deposits.content(made, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("billing_chorus:index")
        answer = HttpResponse(file, content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="chorus-pro-{made.pk}.zip"'
        answer["Cache-Control"] = "private, no-store"
        return answer


class ChorusViewSet(BillingViewSet):
    """Deposits, below ``/gestion/facturation/chorus-pro/``."""

    name = "billing_chorus"
    url_prefix = "facturation/chorus-pro"
    icon = "upload"
    menu_label = TITLE

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses."""
        view = self.construct_view
        return [
            path("", view(ChorusView), name="index"),
            path("<uuid:uuid>/fichier.zip", view(FileView), name="file"),
        ]
