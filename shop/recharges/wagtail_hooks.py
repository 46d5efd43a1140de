"""Back office of recharges and orders: their menus and lists."""

from typing import Any

from django.urls import URLPattern, path
from wagtail import hooks

from portal.ui.viewsets import ReadOnlyViewSet
from shop.ordering.models import PlacedOrder
from shop.recharges.models import CodeLot
from shop.recharges.views import preview_lot, upload_lot


class CodeLotViewSet(ReadOnlyViewSet):
    """Lots of codes; a new one comes from a file."""

    model = CodeLot
    icon = "upload"
    menu_label = "Lots de numéros"
    menu_order = 300
    list_display = ("name", "size", "imported_at", "imported_by")
    inspect_view_fields = ("name", "size", "imported_at", "imported_by")

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add the two pages of an import to the list's."""
        return [
            *super().get_urlpatterns(),
            path("importer/", upload_lot, name="add"),
            path("importer/<uuid:uuid>/", preview_lot, name="preview"),
        ]

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Bring the « Ajouter » button back: it opens the import."""
        return super().get_index_view_kwargs(**kwargs) | {
            "add_url_name": self.get_url_name("add"),
            "add_item_label": "Importer un lot",
        }


class PlacedOrderViewSet(ReadOnlyViewSet):
    """Every structure's orders."""

    model = PlacedOrder
    icon = "list-ul"
    menu_label = "Commandes"
    menu_order = 310
    list_display = ("__str__", "structure", "placed_at", "free_units")
    list_filter = ("structure",)
    inspect_view_fields = ("order", "structure", "placed_at", "free_units")


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ReadOnlyViewSet]:
    """Offer both lists; Wagtail hides them from whom lacks the permission."""
    return [
        CodeLotViewSet("lots", url_prefix="lots"),
        PlacedOrderViewSet("commandes", url_prefix="commandes"),
    ]
