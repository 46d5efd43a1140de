"""The list of sessions, the latest on top."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from portal.training.backoffice.base import ICON, TITLE
from portal.training.models import TrainingSession


class SessionFilters(WagtailFilterSet):
    """State and kind."""

    state = django_filters.ChoiceFilter(
        label="État", choices=TrainingSession.State.choices, empty_label="Tous"
    )
    kind = django_filters.ChoiceFilter(
        label="Type", choices=TrainingSession.Kind.choices, empty_label="Tous"
    )

    class Meta:
        model = TrainingSession
        fields = ("state", "kind")


class SessionsView(generic.IndexView):
    """List the sessions."""

    model = TrainingSession
    page_title = TITLE
    header_icon = ICON
    filterset_class = SessionFilters
    any_permission_required = ("view",)
    default_ordering = ("-starts_at", "-pk")
    paginate_by = 50
    is_searchable = True
    search_fields = ("title", "trainer")
    columns = [
        TitleColumn(
            "title",
            label="Session",
            get_url=lambda one: reverse("formations:detail", args=[one.uuid]),
        ),
        # Wagtail's own column says « il y a 0 minute » of what is to come.
        Column("starts_at", label="Date", accessor="when", sort_key="starts_at"),
        Column("kind", label="Type", accessor="get_kind_display"),
        Column("state", label="État", accessor="get_state_display"),
        Column("taken", label="Places", accessor=lambda one: f"{one.taken}/{one.seats}"),
        Column("queue", label="En attente"),
        Column("trainer", label="Animée par"),
    ]

    def get_base_queryset(self) -> QuerySet[TrainingSession]:
        """Count who comes in the same query."""
        return TrainingSession.objects.with_counts()

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """Lead to planning, and to those who wait for a training."""
        if not self.user_has_permission("change"):
            return []
        waiting = reverse("formations:untrained")
        return [
            HeaderButton("Planifier une session", url=reverse("formations:add"), icon_name="plus"),
            HeaderButton("Membres à former", url=waiting, icon_name="user"),
        ]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Name the list."""
        return [*self.breadcrumbs_items, {"url": "", "label": TITLE}]
