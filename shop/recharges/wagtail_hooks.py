"""Back office of recharges and orders: their menus and lists."""

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.base import ViewSet

from portal.ui.viewsets import PagesViewSet, ReadOnlyViewSet
from shop.recharges import stock
from shop.recharges.backoffice.lots import drop_lot, preview_lot, upload_lot
from shop.recharges.backoffice.numbers import detail, search
from shop.recharges.backoffice.stock import lot_page, stock_page
from shop.recharges.models import CodeLot, RechargeCode


class StockViewSet(PagesViewSet):
    """The stock, product by product."""

    model = CodeLot
    name = "stock"
    url_prefix = "stock"
    icon = "clipboard-list"
    menu_label = "Stock"
    menu_order = 295

    def get_urlpatterns(self) -> list[URLPattern]:
        """Mount the page."""
        return [path("", stock_page, name="index")]


class CodesViewSet(PagesViewSet):
    """One number at a time: no list of codes exists."""

    model = RechargeCode
    name = "codes"
    url_prefix = "numeros"
    icon = "search"
    menu_label = "Chercher un numéro"
    menu_order = 305

    def get_urlpatterns(self) -> list[URLPattern]:
        """Mount the search, and what it finds."""
        return [
            path("", search, name="search"),
            path("<uuid:uuid>/", detail, name="detail"),
        ]


class CodeLotIndexView(IndexView):
    """Lots, with what became of their codes."""

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Count the codes of the lots of this page, in one query."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        lots = {lot.pk: lot for lot in context["object_list"]}
        counts = stock.lot_counts(lots)
        for pk, lot in lots.items():
            lot.counts = counts.get(pk, {})
        return context


def counted(state: str, label: str) -> Column:
    """Return a column that counts the codes of a lot in one state."""
    return Column(state, label=label, accessor=lambda lot: intcomma(lot.counts.get(state, 0)))


class CodeLotViewSet(ReadOnlyViewSet):
    """Lots of codes; a new one comes from a file."""

    model = CodeLot
    icon = "upload"
    menu_label = "Lots de numéros"
    menu_order = 300
    index_view_class = CodeLotIndexView
    list_display = (
        "name",
        Column("size", label="Numéros", accessor=lambda lot: intcomma(lot.size)),
        counted("available", "Disponibles"),
        counted("given", "Donnés"),
        counted("quarantined", "Défectueux ou retirés"),
        counted("expired", "Expirés"),
        "imported_at",
        "imported_by",
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        """Offer the list, a lot's page and the pages of an import."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("inspect/<int:pk>/", lot_page, name="inspect"),
            path("importer/", upload_lot, name="add"),
            path("importer/<uuid:uuid>/", preview_lot, name="preview"),
            path("importer/<uuid:uuid>/abandonner/", drop_lot, name="drop"),
        ]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Bring the « Ajouter » button back: it opens the import."""
        return super().get_index_view_kwargs(**kwargs) | {
            "add_url_name": self.get_url_name("add"),
            "add_item_label": "Importer un lot",
        }


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ViewSet]:
    """Offer the screens; Wagtail hides the lists from whom lacks the permission."""
    return [
        StockViewSet(),
        CodeLotViewSet("lots", url_prefix="lots"),
        CodesViewSet(),
    ]
