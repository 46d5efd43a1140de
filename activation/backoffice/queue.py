"""The queue of requests: what runs out first on top, with counts by state."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic

from activation.models import ActivationRequest
from activation.states import OPEN, TO_DO, State


class QueueFilters(WagtailFilterSet):
    """State, portability, and one's own."""

    state = django_filters.ChoiceFilter(
        label="État", choices=State.choices, empty_label="À traiter", widget=forms.RadioSelect
    )
    portability = django_filters.ChoiceFilter(
        label="Portabilité",
        choices=(("true", "Avec"), ("false", "Sans")),
        empty_label="Avec ou sans",
        widget=forms.RadioSelect,
        method="keep_portability",
    )
    taken = django_filters.ChoiceFilter(
        label="Prises par",
        choices=(("me", "Moi"),),
        empty_label="Tout le monde",
        widget=forms.RadioSelect,
        method="keep_mine",
    )

    class Meta:
        model = ActivationRequest
        fields = ("state", "portability", "taken")

    def keep_portability(
        self, found: QuerySet[ActivationRequest], name: str, value: str
    ) -> QuerySet[ActivationRequest]:
        """Keep the requests with portability, or without."""
        return found.filter(portability=value == "true")

    def keep_mine(
        self, found: QuerySet[ActivationRequest], name: str, value: str
    ) -> QuerySet[ActivationRequest]:
        """Keep what the visitor has taken."""
        return found.filter(taken_by=self.request.user)


class DueColumn(Column):
    """Until when, and whether that is over."""

    cell_template_name = "activation/gestion/due_cell.html"


class QueueView(generic.IndexView):
    """List the requests, without their personal data."""

    model = ActivationRequest
    page_title = "Activations SIM"
    header_icon = "mobile-alt"
    template_name = "activation/gestion/queue.html"
    results_template_name = "activation/gestion/queue_results.html"
    filterset_class = QueueFilters
    any_permission_required = ("view",)
    default_ordering = ("deadline_at", "pk")
    paginate_by = 50
    is_searchable = False

    @property
    def columns(self) -> list[Column]:
        """Return the columns; none of them needs an encrypted field."""
        return [
            TitleColumn("reference", label="Demande", get_url=detail_url),
            Column("structure", label="Structure"),
            StatusTagColumn(
                "state",
                label="État",
                accessor="get_state_display",
                primary=lambda one: one.state == State.SUBMITTED,
            ),
            Column("kind", label="Numéro", accessor=kind),
            Column("taken_by", label="Prise par"),
            DueColumn("deadline", label="Échéance", sort_key="deadline_at"),
        ]

    def get_base_queryset(self) -> QuerySet[ActivationRequest]:
        """Return what is to be done, or every request where a state is asked for."""
        found = ActivationRequest.objects.without_personal_data().select_related(
            "structure", "taken_by"
        )
        chosen = self.request.GET.get("state")
        return found if chosen in State.values else found.filter(state__in=TO_DO)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the states with what waits in each."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        return {**context, "chips": chips(self.request)}


def detail_url(request: ActivationRequest) -> str:
    """Return the address of a request's page."""
    return reverse("activations:detail", args=[request.uuid])


def kind(request: ActivationRequest) -> str:
    """Return whether the beneficiary keeps their number, in words."""
    return "Portabilité" if request.portability else "Nouveau"


def chips(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the states as links, with the counts of those that are not closed."""
    # Closed requests pile up for years: their counts would cost and tell nothing.
    waiting = ActivationRequest.objects.waiting().order_by().values_list("state")
    counts = dict(waiting.annotate(total=Count("pk")))
    chosen = request.GET.get("state", "")
    total = sum(counts.get(state, 0) for state in TO_DO)
    todo = {"label": "À traiter", "count": total, "href": "?", "current": not chosen}
    return [
        todo,
        *(
            {
                "label": state.label,
                "count": counts.get(state, 0) if state in OPEN else None,
                "href": f"?state={state.value}",
                "current": chosen == state.value,
            }
            for state in State
        ),
    ]
