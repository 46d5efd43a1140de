"""« Structures » : my portfolio, what waits for me first."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button, HeaderButton

from portal.portfolio.backoffice.base import ICON, TITLE, detail_url
from portal.portfolio.listing import StructureFilters, with_waiting
from portal.portfolio.search import found
from portal.sheets.backoffice import SafeExport
from portal.structures.models import Structure


class StructuresView(SafeExport, generic.IndexView):
    """List the structures."""

    model = Structure
    page_title = TITLE
    header_icon = ICON
    filterset_class = StructureFilters
    any_permission_required = ("view",)
    default_ordering = ("-waiting", "name", "pk")
    paginate_by = 50
    is_searchable = True
    list_export: Sequence[str] = (
        *("name", "get_kind_display", "get_state_display", "siret", "rna", "address"),
        *("postcode", "city", "phone", "email", "website", "account_manager", "is_listed"),
        *("waiting", "created_at"),
    )
    export_headings = {
        "get_kind_display": "type",
        "get_state_display": "état",
        "account_manager": "référent Emmaüs Connect",
        "waiting": "ce qui attend",
    }
    export_filename = "structures"

    @property
    def columns(self) -> list[Column]:
        """Return the table's columns."""
        return [
            TitleColumn("name", label="Structure", sort_key="name", get_url=detail_url),
            Column("waiting", label="Attend", accessor=waits, sort_key="waiting"),
            Column("city", label="Commune", accessor=place, sort_key="city"),
            Column("kind", label="Type", accessor="get_kind_display", sort_key="kind"),
            StatusTagColumn(
                "state",
                label="État",
                accessor="get_state_display",
                primary=lambda one: one.state == Structure.State.ACTIVE,
            ),
            Column("account_manager", label="Référent"),
        ]

    def get_base_queryset(self) -> QuerySet[Structure]:
        """Return every structure with what its row shows."""
        return with_waiting(Structure.objects.select_related("account_manager"))

    def search_queryset(self, queryset: QuerySet[Structure]) -> QuerySet[Structure]:
        """Keep what is searched, accents forgiven."""
        return found(queryset, self.search_query) if self.is_searching else queryset

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        """Return what can be done with many structures; most of it with those filtered."""
        asked = self.request.GET.copy()
        asked.pop("p", None)
        kept = f"?{asked.urlencode()}" if asked else ""
        exports = super().header_more_buttons
        national = Button(
            "Exporter au schéma national",
            url=reverse("portefeuille:national") + kept,
            icon_name="download",
            priority=95,
        )
        if not self.user_has_permission("change"):
            return [*exports, national]
        return [
            Button(
                "Écrire à ces structures",
                url=reverse("portefeuille:write") + kept,
                icon_name="mail",
                priority=10,
            ),
            Button(
                "Confier un portefeuille",
                url=reverse("portefeuille:entrust"),
                icon_name="group",
                priority=20,
            ),
            *exports,
            national,
        ]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer the import."""
        if not self.user_has_permission("add"):
            return []
        upload = reverse("portefeuille:upload")
        return [HeaderButton("Importer des lieux", url=upload, icon_name="upload")]


def place(structure: Structure) -> str:
    """Return where it is, as the table shows it."""
    return f"{structure.city} ({structure.postcode})" if structure.postcode else structure.city


def waits(structure: Structure) -> str:
    """Return how many things wait, nothing where none does."""
    number: int = structure.waiting  # type: ignore[attr-defined]
    return str(number) if number else "–"
