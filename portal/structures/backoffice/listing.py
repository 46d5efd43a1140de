"""« Conventions » : every structure's, what waits for a référent first."""

import django_filters
from django import forms
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from portal.accounts.models import User
from portal.sheets.backoffice import SafeExport
from portal.structures.backoffice.frame import ICON, TITLE
from portal.structures.models import Agreement, Amendment
from portal.ui.forms import french_date

_A = Agreement.State
#: Those in which somebody has to act, the référent before the structure.
_URGENCY = (_A.SIGNED, _A.DRAFT, _A.TO_SIGN)


class AgreementFilters(WagtailFilterSet):
    """State, structure, account manager."""

    state = django_filters.ChoiceFilter(
        label="État", choices=_A.choices, empty_label="Tous", widget=forms.RadioSelect
    )
    structure = django_filters.CharFilter(
        label="Structure", field_name="structure__name", lookup_expr="icontains"
    )
    account_manager = django_filters.ModelChoiceFilter(
        label="Référent Emmaüs Connect",
        field_name="structure__account_manager",
        queryset=User.objects.filter(portfolio__isnull=False).distinct(),
    )

    class Meta:
        model = Agreement
        fields = ("state", "structure", "account_manager")


class AgreementsView(SafeExport, generic.IndexView):
    """List the conventions with their avenants under way."""

    model = Agreement
    page_title = TITLE
    header_icon = ICON
    template_name = "wagtailadmin/generic/index.html"
    filterset_class = AgreementFilters
    any_permission_required = ("view",)
    default_ordering = ("rank", "-starts_on", "-pk")
    paginate_by = 50
    is_searchable = False
    list_export = (
        "structure.name",
        "get_state_display",
        "starts_on",
        "ends_on",
        "renews_tacitly",
        "get_delivery_mode_display",
        "limit_per_person",
        "allows_solidarity_prices",
        "signed_on",
    )
    export_headings = {
        "structure.name": "Structure",
        "get_state_display": "État",
        "get_delivery_mode_display": "Livraison",
    }
    export_filename = "conventions"

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer to draft one to those who may."""
        if not self.permission_policy.user_has_permission(self.request.user, "add"):
            return []
        url = reverse("conventions:add")
        return [HeaderButton("Préparer une convention", url=url, icon_name="plus")]

    @property
    def columns(self) -> list[Column]:
        """Return the table's columns."""
        return [
            TitleColumn("structure", label="Structure", accessor=_name, get_url=_detail),
            StatusTagColumn(
                "state",
                label="État",
                accessor="get_state_display",
                primary=lambda one: one.state in _URGENCY,
            ),
            Column("starts_on", label="Début", accessor=_start, sort_key="starts_on"),
            Column("period", label="Fin de l’année en cours", accessor=_end),
            Column("waiting", label="Avenants à traiter", accessor=_waiting),
            Column("manager", label="Référent", accessor="structure.account_manager"),
        ]

    def get_base_queryset(self) -> QuerySet[Agreement]:
        """Return every convention with what its row shows."""
        waiting = Q(
            amendments__state__in=(
                Amendment.State.DRAFT,
                Amendment.State.TO_SIGN,
                Amendment.State.SIGNED,
            )
        )
        ranks = [When(state=state, then=Value(rank)) for rank, state in enumerate(_URGENCY)]
        return Agreement.objects.select_related("structure__account_manager").annotate(
            waiting=Count("amendments", filter=waiting),
            rank=Case(*ranks, default=Value(len(ranks)), output_field=IntegerField()),
        )


def _name(agreement: Agreement) -> str:
    return agreement.structure.name


def _detail(agreement: Agreement) -> str:
    return reverse("conventions:detail", args=[agreement.uuid])


def _start(agreement: Agreement) -> str:
    return french_date(agreement.starts_on)


def _end(agreement: Agreement) -> str:
    end = french_date(agreement.current_period(timezone.localdate()).ends_on)
    return end if agreement.has_last_day else f"{end}, puis reconduction"


def _waiting(agreement: Agreement) -> str:
    count: int = agreement.waiting  # type: ignore[attr-defined]
    return str(count) if count else ""
