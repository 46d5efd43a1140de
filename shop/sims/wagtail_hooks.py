"""« Cartes SIM » in the back office."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from shop.sims.backoffice.detail import ActionView, DetailView, SlipView
from shop.sims.backoffice.queue import QueueView
from shop.sims.models import Delivery


class DeliveryMenuItem(MenuItem):
    """Shown to those who may see the deliveries."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sims.view_delivery")


class DeliveryViewSet(ViewSet):
    """List, page of a delivery, its slip and its actions."""

    name = "sim_deliveries"
    url_prefix = "cartes-sim"
    icon = "doc-full"
    menu_label = "Cartes SIM"
    menu_item_class = DeliveryMenuItem
    menu_order = 130
    add_to_admin_menu = True

    @cached_property
    def permission_policy(self) -> ModelPermissionPolicy:
        """Return the policy of the deliveries' permissions."""
        return ModelPermissionPolicy(Delivery)

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Give each view the policy and the list's addresses."""
        common: dict[str, Any] = super().get_common_view_kwargs(
            permission_policy=self.permission_policy,
            index_url_name=self.get_url_name("index"),
            index_results_url_name=self.get_url_name("index_results"),
            **kwargs,
        )
        return common

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/cartes-sim/``."""
        results = self.construct_view(QueueView, results_only=True)
        return [
            path("", self.construct_view(QueueView), name="index"),
            path("results/", results, name="index_results"),
            path("<uuid:uuid>/", self.construct_view(DetailView), name="detail"),
            path("<uuid:uuid>/bordereau/", self.construct_view(SlipView), name="slip"),
            path("<uuid:uuid>/<slug:name>/", self.construct_view(ActionView), name="action"),
        ]


@hooks.register("register_admin_viewset")
def register_deliveries() -> DeliveryViewSet:
    """Add the deliveries to the back office."""
    return DeliveryViewSet()
