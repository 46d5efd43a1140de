"""« Catalogue » in the back office's menu."""

from django.urls import URLPattern, path
from wagtail import hooks

from portal.ui.viewsets import PagesViewSet
from shop.products.backoffice import views
from shop.products.models import ProductTerms


class CatalogueViewSet(PagesViewSet):
    """List of products, a product's page, and its actions."""

    model = ProductTerms
    name = "produits"
    url_prefix = "catalogue"
    icon = views.ICON
    menu_label = views.TITLE
    menu_order = 280

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
    return CatalogueViewSet()
