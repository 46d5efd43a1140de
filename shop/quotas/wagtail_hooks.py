"""« Campagnes » and « Dotations » in the back office's menu."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSet

from portal.ui.viewsets import PagesViewSet
from shop.quotas.backoffice import campaigns, ending, listing
from shop.quotas.models import FreeQuota


class CampaignViewSet(PagesViewSet):
    """Campaigns, and the quotas inside them."""

    model = FreeQuota
    name = "campagnes"
    url_prefix = "campagnes"
    icon = campaigns.ICON
    menu_label = campaigns.TITLE
    menu_order = 284

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/campagnes/``."""
        return [
            path("", campaigns.index, name="index"),
            path("ajouter/", campaigns.add, name="add"),
            path("<uuid:uuid>/", campaigns.detail, name="detail"),
            path("<uuid:uuid>/modifier/", campaigns.edit, name="edit"),
            path("<uuid:uuid>/terminer/", campaigns.end, name="end"),
            path("<uuid:uuid>/terminer-pour/", ending.end_for, name="end_for"),
            path("<uuid:uuid>/dotations/", campaigns.grants, name="grants"),
        ]


class QuotaViewSet(PagesViewSet):
    """Every quota, whatever gave it."""

    model = FreeQuota
    name = "dotations"
    url_prefix = "dotations"
    icon = listing.ICON
    menu_label = listing.TITLE
    menu_order = 288

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/dotations/``."""
        return [
            path("", listing.index, name="index"),
            path("<int:pk>/", listing.edit, name="edit"),
        ]


@hooks.register("register_admin_viewset")
def register_quotas() -> list[ViewSet]:
    """Add both to the back office."""
    return [CampaignViewSet(), QuotaViewSet()]
