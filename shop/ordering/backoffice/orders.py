"""« Commandes » : every structure's orders, one order's story, and taking one back."""

from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views import View
from oscar.core.loading import get_model
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from portal.accounts.backoffice import StaffPage, StaffRequest
from portal.sheets.backoffice import SafeExport
from portal.structures.models import Structure
from portal.ui.errors import DomainError
from portal.ui.templatetags.french import moment
from portal.ui.text import format_euros
from shop.ordering.cancelling import cancel_order
from shop.ordering.models import PlacedOrder
from shop.ordering.timeline import timeline
from shop.ordering.views.orders import order_lines
from shop.recharges.models import RechargeCode

Product = get_model("catalogue", "Product")


class OrderFilters(WagtailFilterSet):
    """State, days, structure, product."""

    number = django_filters.CharFilter(label="Numéro", field_name="order__number")
    state = django_filters.ChoiceFilter(
        label="État",
        choices=(("placed", "Passées"), ("cancelled", "Annulées")),
        empty_label="Toutes",
        widget=forms.RadioSelect,
        method="keep_state",
    )
    placed_at = django_filters.DateFromToRangeFilter(
        label="Passées entre", widget=DateRangePickerWidget
    )
    structure = django_filters.ModelChoiceFilter(
        label="Structure", queryset=Structure.objects.order_by("name")
    )
    product = django_filters.ModelChoiceFilter(
        label="Produit",
        queryset=Product.objects.filter(terms__isnull=False).order_by("terms__position"),
        method="keep_product",
    )

    class Meta:
        model = PlacedOrder
        fields = ("number", "state", "placed_at", "structure", "product")

    def keep_state(
        self, found: QuerySet[PlacedOrder], name: str, value: str
    ) -> QuerySet[PlacedOrder]:
        """Keep the orders that stand, or those that were taken back."""
        return found.filter(cancelled_at__isnull=value == "placed")

    def keep_product(
        self, found: QuerySet[PlacedOrder], name: str, value: Any
    ) -> QuerySet[PlacedOrder]:
        """Keep the orders with a line of that product."""
        return found.filter(
            order__in=get_model("order", "Line").objects.filter(product=value).values("order")
        )


class OrdersView(SafeExport, generic.IndexView):
    """List the orders, the newest first; no number of a code is in it."""

    model = PlacedOrder
    page_title = "Commandes"
    header_icon = "list-ul"
    template_name = "wagtailadmin/generic/index.html"
    filterset_class = OrderFilters
    any_permission_required = ("view",)
    default_ordering = "-pk"
    paginate_by = 50
    is_searchable = False
    list_export = (
        "order.number",
        "placed_at",
        "structure.name",
        "order.user",
        "units",
        "free_units",
        "order.total_incl_tax",
        "due",
        "state",
        "cancel_reason",
    )
    export_headings = {
        "order.number": "Commande",
        "structure.name": "Structure",
        "order.user": "Par",
        "units": "Articles",
        "order.total_incl_tax": "Montant (€)",
        "due": "À facturer (€)",
        "state": "État",
    }
    export_filename = "commandes"

    @property
    def columns(self) -> list[Column]:
        """Return the table's columns."""
        return [
            TitleColumn("number", label="Commande", accessor=str, get_url=detail_url),
            Column(
                "placed_at",
                label="Passée le",
                accessor=lambda one: moment(one.placed_at),
                sort_key="placed_at",
            ),
            Column("structure", label="Structure", sort_key="structure__name"),
            Column("user", label="Par", accessor="order.user"),
            Column("units", label="Articles"),
            Column("free_units", label="Gratuits"),
            Column("due", label="À facturer", accessor=lambda one: format_euros(one.due)),
            StatusTagColumn(
                "state",
                label="État",
                accessor="state",
                primary=lambda one: not one.is_cancelled,
            ),
        ]

    def get_base_queryset(self) -> QuerySet[PlacedOrder]:
        """Return every order with what its row shows."""
        return PlacedOrder.objects.select_related("order__user", "structure").with_units()


def detail_url(placed: PlacedOrder) -> str:
    """Return the address of an order's page."""
    return reverse("commandes:detail", args=[placed.uuid])


class OrderView(StaffPage):
    """One order: its lines, its numbers (masked), its timeline."""

    any_permission_required = ("view",)
    template_name = "shop/gestion/order.html"
    header_icon = "list-ul"
    parents = (("commandes:index", [], "Commandes"),)

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the order."""
        self.placed = find(uuid)
        codes = list(
            RechargeCode.objects.filter(order_line__order=self.placed.order_id)
            .select_related("product", "lot", "report")
            .defer("secret")
            .order_by("pk")
        )
        return self.show(
            placed=self.placed,
            lines=order_lines(self.placed, codes, {}),
            codes=codes,
            steps=timeline(self.placed),
            may_cancel=self.user_has_permission("change") and not self.placed.is_cancelled,
        )

    def get_page_title(self) -> str:
        return f"Commande {self.placed}"


class CancelView(PermissionCheckedMixin, View):
    """Take an order back, with a reason."""

    permission_policy: Any = None
    permission_required = "change"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Lead somebody who reloads back to the order."""
        return redirect("commandes:detail", uuid)

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Cancel, or say why not."""
        find(uuid)
        try:
            cancel_order(by=request.user, order=uuid, reason=request.POST.get("reason", ""))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "La commande est annulée, tout ce qu’elle prenait revient.")
        return redirect("commandes:detail", uuid)


def find(uuid: UUID) -> PlacedOrder:
    """Return an order or a 404."""
    found = PlacedOrder.objects.select_related(
        "order__user", "structure", "cancelled_by", "delivery"
    )
    return get_object_or_404(found, uuid=uuid)
