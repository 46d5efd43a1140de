"""The inbox: who has waited longest first, one's own structures before the others."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from knowledge.support import waiting
from knowledge.support.models import Subject, SupportRequest
from knowledge.support.states import State

TITLE = "Assistance"
ICON = "help"


class InboxFilters(WagtailFilterSet):
    """State, whose, subject, structure."""

    state = django_filters.ChoiceFilter(
        label="État", choices=State.choices, empty_label="Tous", widget=forms.RadioSelect
    )
    whose = django_filters.ChoiceFilter(
        label="De qui",
        choices=[("portfolio", "Mon portefeuille"), ("mine", "Suivies par moi")],
        empty_label="Toutes les structures",
        method="filter_whose",
        widget=forms.RadioSelect,
    )
    subject = django_filters.ChoiceFilter(
        label="Sujet", choices=Subject.choices, empty_label="Tous", widget=forms.RadioSelect
    )
    structure = django_filters.CharFilter(
        label="Structure", field_name="structure__name", lookup_expr="icontains"
    )

    class Meta:
        model = SupportRequest
        fields = ("state", "whose", "subject", "structure")

    def filter_whose(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep what the reader follows, or what their structures ask."""
        field = "assigned_to" if value == "mine" else "structure__account_manager"
        return rows.filter(**{field: self.request.user})


class InboxView(generic.IndexView):
    """List the requests."""

    model = SupportRequest
    page_title = TITLE
    header_icon = ICON
    template_name = "wagtailadmin/generic/index.html"
    filterset_class = InboxFilters
    any_permission_required = ("view",)
    default_ordering = ("rank", "waiting_since", "-pk")
    paginate_by = 50
    is_searchable = False

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """Lead to the delays, and to the texts for answers."""
        figures = reverse("support_requests:figures")
        buttons = [HeaderButton("Délais de réponse", url=figures, icon_name="history")]
        if self.request.user.has_perm("support.change_cannedanswer"):
            canned = reverse("canned_answers:index")
            buttons.append(HeaderButton("Réponses types", url=canned, icon_name="edit"))
        return buttons

    @property
    def columns(self) -> list[Column]:
        """Return the table's columns."""
        return [
            TitleColumn("title", label="Demande", accessor=named, get_url=address),
            Column("structure", label="Structure", accessor="structure"),
            Column("subject", label="Sujet", accessor="get_subject_display"),
            StatusTagColumn(
                "state",
                label="État",
                accessor="get_state_display",
                primary=lambda one: one.waiting_since is not None,
            ),
            Column("waiting", label="Attend depuis", accessor=waiting.in_words),
            Column("assigned_to", label="Suivie par", accessor=_follower),
        ]

    def get_base_queryset(self) -> QuerySet[SupportRequest]:
        """Return every request with what its row shows."""
        waits, me = Q(waiting_since__isnull=False), self.request.user
        mine = Q(structure__account_manager=me) | Q(assigned_to=me)
        rank = Case(
            When(waits & mine, then=Value(0)),
            When(waits, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        rows = SupportRequest.objects.select_related("structure", "assigned_to")
        return rows.annotate(rank=rank)


def named(request: SupportRequest) -> str:
    """Return what a request is called in the inbox: its title, or its reference once forgotten."""
    return f"{request.title} ({request.reference})" if request.title else request.reference


def address(request: SupportRequest) -> str:
    """Return where a request's page is."""
    return reverse("support_requests:detail", args=[request.uuid])


def _follower(request: SupportRequest) -> str:
    return str(request.assigned_to or "")
