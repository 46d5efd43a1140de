"""What the pages of « Facturation » have in common: who may enter, and their frame."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.permission_policies import ModelPermissionPolicy

from portal.accounts.backoffice import Parent, StaffPage
from portal.ui.viewsets import PagesViewSet
from shop.billing.models import BillingRun, BillingSettings, Invoice
from shop.billing.rights import MANAGE
from shop.handovers.months import named

ICON = "doc-full"
LIST_TITLE = "Factures et avoirs"
RUNS: Parent = ("billing_runs:index", [], "Facturation")


class BillingPolicy(ModelPermissionPolicy):
    """One permission, whatever a page asks: invoices concern every structure."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Return whether ``user`` prepares and issues invoices."""
        allowed: bool = user.has_perm(MANAGE)
        return allowed


class BillingViewSet(PagesViewSet):
    """Some of the pages below ``/gestion/facturation/``, in one menu."""

    model = Invoice
    icon = ICON
    #: The group of the menu shows it: on its own it would stand in the main one too.
    add_to_admin_menu = False

    @cached_property
    def permission_policy(self) -> BillingPolicy:
        """Return who may open these pages."""
        return BillingPolicy(self.model)


class BillingPage(StaffPage):
    """A page of « Facturation »; subclasses have their title and template."""

    permission_required = "manage"
    header_icon = ICON
    parents: Sequence[Parent] = (RUNS,)

    @property
    def filtering(self) -> str:
        """What the address asks beside the page, for the links to the other pages."""
        query = self.request.GET.copy()
        query.pop("page", None)
        return query.urlencode()


class InvoicePage(BillingPage):
    """A page of one invoice or credit note."""

    invoice: Invoice

    def get_page_title(self) -> str:
        return self.page_title or str(self.invoice)

    def get_parents(self) -> list[Parent]:
        found: list[Parent] = [RUNS, ("billing_invoices:index", [], LIST_TITLE)]
        if self.page_title:
            found.append(("billing_invoices:detail", [self.invoice.uuid], str(self.invoice)))
        return found


def settings_url() -> str:
    """Return the address of the seller's facts and mentions."""
    meta = BillingSettings._meta
    return reverse("wagtailsettings:edit", args=[meta.app_label, meta.model_name])


def invoice_url(uuid: UUID) -> str:
    """Return the address of an invoice's page."""
    return reverse("billing_invoices:detail", args=[uuid])


def find(uuid: UUID) -> Invoice:
    """Return an invoice or a credit note, or a 404."""
    found = Invoice.objects.select_related("structure", "run", "corrects", "issued_by")
    return get_object_or_404(found, uuid=uuid)


def find_run(uuid: UUID) -> BillingRun:
    """Return a month's run, or a 404."""
    return get_object_or_404(BillingRun.objects.select_related("issue_asked_by"), uuid=uuid)


def heading(month: dt.date) -> str:
    """Return a month as headings write it: « Octobre 2026 »."""
    return named(month).capitalize()
