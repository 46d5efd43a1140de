"""« Catalogue » in the back office's menu."""

from django.http import HttpRequest
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from shop.products.backoffice import views


class CatalogueMenuItem(MenuItem):
    """Shown to those who may see the catalogue."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("products.view_productterms"))


class CatalogueViewSet(ViewSet):
    """List of products, a product's page, and its actions."""

    icon = views.ICON
    menu_label = views.TITLE
    menu_item_class = CatalogueMenuItem
    menu_order = 280
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/catalogue/``."""
        return [
            path("", views.index, name="index"),
            path("ajouter/", views.add, name="add"),
            path("<int:pk>/", views.edit, name="edit"),
            path("<int:pk>/prix/", views.price, name="price"),
            path("<int:pk>/<slug:name>/", views.act, name="act"),
        ]


@hooks.register("register_admin_viewset")
def register_catalogue() -> CatalogueViewSet:
    """Add the catalogue to the back office."""
    return CatalogueViewSet("produits", url_prefix="catalogue")
