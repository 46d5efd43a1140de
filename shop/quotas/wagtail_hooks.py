"""« Campagnes » and « Dotations » in the back office's menu."""

from django.http import HttpRequest
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from shop.quotas.backoffice import campaigns, ending, listing


class QuotaMenuItem(MenuItem):
    """Shown to those who may see quotas."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("quotas.view_freequota"))


class CampaignViewSet(ViewSet):
    """Campaigns, and the quotas inside them."""

    icon = campaigns.ICON
    menu_label = campaigns.TITLE
    menu_item_class = QuotaMenuItem
    menu_order = 284
    add_to_admin_menu = True

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


class QuotaViewSet(ViewSet):
    """Every quota, whatever gave it."""

    icon = listing.ICON
    menu_label = listing.TITLE
    menu_item_class = QuotaMenuItem
    menu_order = 288
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/dotations/``."""
        return [
            path("", listing.index, name="index"),
            path("<int:pk>/", listing.edit, name="edit"),
        ]


@hooks.register("register_admin_viewset")
def register_quotas() -> list[ViewSet]:
    """Add both to the back office."""
    return [
        CampaignViewSet("campagnes", url_prefix="campagnes"),
        QuotaViewSet("dotations", url_prefix="dotations"),
    ]
