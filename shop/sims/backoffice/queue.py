"""The list of deliveries: what is to be prepared on top, the oldest first."""

import django_filters
from django import forms
from django.db.models import Count, QuerySet
from django.urls import reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic

from portal.structures.models import Agreement
from portal.ui.templatetags.french import moment
from shop.sims.models import Delivery
from shop.sims.states import State


class DeliveryFilters(WagtailFilterSet):
    """State, way of delivery, and the structure by part of its name."""

    state = django_filters.ChoiceFilter(
        label="État", choices=State.choices, empty_label="Tous", widget=forms.RadioSelect
    )
    mode = django_filters.ChoiceFilter(
        label="Livraison",
        choices=Agreement.Delivery.choices,
        empty_label="Envoi ou retrait",
        widget=forms.RadioSelect,
    )
    structure = django_filters.CharFilter(
        label="Structure", field_name="placed__structure__name", lookup_expr="icontains"
    )

    class Meta:
        model = Delivery
        fields = ("state", "mode", "structure")


class QueueView(generic.IndexView):
    """List the deliveries."""

    model = Delivery
    page_title = "Cartes SIM"
    header_icon = "doc-full"
    results_template_name = "shop/sims/gestion/queue_results.html"
    filterset_class = DeliveryFilters
    any_permission_required = ("view",)
    default_ordering = ("rank", "waits_since", "-pk")
    paginate_by = 50
    is_searchable = False

    @property
    def columns(self) -> list[Column]:
        """Return the columns; none of them needs a card's number."""
        return [
            TitleColumn("order", label="Commande", accessor=title, get_url=detail_url),
            Column("structure", label="Structure", accessor="placed.structure"),
            StatusTagColumn(
                "state",
                label="État",
                accessor="get_state_display",
                primary=lambda one: one.state == State.TO_PREPARE,
            ),
            Column("mode", label="Livraison", accessor="get_mode_display"),
            Column("cards", label="Cartes", accessor=progress),
            Column(
                "created_at",
                label="Demandée",
                accessor=lambda one: moment(one.created_at),
                sort_key="created_at",
            ),
        ]

    def get_base_queryset(self) -> QuerySet[Delivery]:
        """Return every delivery with its order, its structure and its number of cards."""
        return (
            Delivery.objects.by_urgency()
            .select_related("placed__order", "placed__structure")
            .annotate(scanned=Count("cards"))
        )


def title(delivery: Delivery) -> str:
    """Return what the delivery is called: its order's number."""
    return f"n°\u00a0{delivery.placed.order.number}"


def progress(delivery: Delivery) -> str:
    """Return how many cards are in it, of those that were ordered."""
    return f"{delivery.scanned} sur {delivery.units}"  # type: ignore[attr-defined]


def detail_url(delivery: Delivery) -> str:
    """Return the address of a delivery's page."""
    return reverse("sim_deliveries:detail", args=[delivery.uuid])
