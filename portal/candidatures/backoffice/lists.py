"""The board, and the list of every candidature."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import localtime
from django.views import View
from django.views.decorators.cache import never_cache
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from portal.candidatures.board import board
from portal.candidatures.models import OPEN, Candidature, State
from portal.sheets.backoffice import SafeExport
from portal.ui.templatetags.french import date

MINE = "moi"


@method_decorator(never_cache, name="dispatch")
class BoardView(PermissionCheckedMixin, WagtailAdminTemplateMixin, View):
    """What waits, by step."""

    permission_policy: Any = None
    any_permission_required = ("view",)
    template_name = "candidatures/gestion/board.html"
    page_title = "Candidatures"
    header_icon = "clipboard-list"
    index_url_name = ""
    index_results_url_name = ""

    def get(self, request: Any) -> HttpResponse:
        """Show the board, everybody's or one's own."""
        mine = request.GET.get("suivi") == MINE
        page: HttpResponse = self.render_to_response(
            self.get_context_data(columns=board(of=request.user if mine else None), mine=mine)
        )
        return page

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]


class CandidatureFilters(WagtailFilterSet):
    """State."""

    state = django_filters.ChoiceFilter(
        label="État",
        choices=[choice for choice in State.choices if choice[0] != State.DRAFT],
        empty_label="Toutes",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Candidature
        fields = ("state",)


class ListView(SafeExport, generic.IndexView):
    """Every candidature that was sent, whatever became of it."""

    model = Candidature
    page_title = "Toutes les candidatures"
    header_icon = "clipboard-list"
    template_name = "wagtailadmin/generic/index.html"
    filterset_class = CandidatureFilters
    any_permission_required = ("view",)
    default_ordering = "-submitted_at"
    paginate_by = 50
    is_searchable = True
    search_fields = ("name", "siret", "rna", "city")
    search_backend_name = None
    list_export = (
        *("name", "state", "kind", "siret", "rna", "postcode", "city"),
        *("submitted_at", "promised_on", "account_manager"),
    )
    export_headings = {"name": "Structure", "account_manager": "Référent"}
    export_filename = "candidatures"

    @property
    def columns(self) -> list[Column]:
        """Return the table's columns."""
        return [
            TitleColumn("name", label="Structure", get_url=detail_url, sort_key="name"),
            StatusTagColumn(
                "state",
                label="État",
                accessor="get_state_display",
                primary=lambda one: one.state in OPEN,
            ),
            Column("city", label="Commune"),
            Column("siret", label="SIRET ou RNA", accessor=lambda one: one.siret or one.rna),
            Column("account_manager", label="Suivie par"),
            Column("submitted_at", label="Envoyée le", accessor=sent_on, sort_key="submitted_at"),
            Column("promised_on", label="Réponse promise", sort_key="promised_on"),
        ]

    def get_base_queryset(self) -> QuerySet[Candidature]:
        """Return what was sent: drafts are their author's."""
        sent = Candidature.objects.filter(submitted_at__isnull=False)
        return sent.select_related("account_manager")


def detail_url(candidature: Candidature) -> str:
    """Return the address of a candidature's page."""
    return reverse("candidatures_gestion:detail", args=[candidature.uuid])


def sent_on(candidature: Candidature) -> str:
    """Return when a candidature was sent, as the table shows it."""
    return date(localtime(candidature.submitted_at), "j F Y")
