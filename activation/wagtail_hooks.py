"""The operators' queue in the back office."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from activation.backoffice.detail import ActionView, DetailView
from activation.backoffice.queue import QueueView
from activation.models import ActivationRequest


class ActivationMenuItem(MenuItem):
    """Shown to those who may see the queue."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("activation.view_activationrequest")


class ActivationViewSet(ViewSet):
    """Queue, page of a request, and its actions."""

    name = "activations"
    icon = "mobile-alt"
    menu_label = "Activations SIM"
    menu_item_class = ActivationMenuItem
    menu_order = 120
    add_to_admin_menu = True

    @cached_property
    def permission_policy(self) -> ModelPermissionPolicy:
        """Return the policy of the requests' permissions."""
        return ModelPermissionPolicy(ActivationRequest)

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Give each view the policy and the queue's addresses."""
        common: dict[str, Any] = super().get_common_view_kwargs(
            permission_policy=self.permission_policy,
            index_url_name=self.get_url_name("index"),
            index_results_url_name=self.get_url_name("index_results"),
            **kwargs,
        )
        return common

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/activations/``."""
        detail = self.construct_view(DetailView)
        action = self.construct_view(ActionView)
        return [
            path("", self.construct_view(QueueView), name="index"),
            path(
                "results/", self.construct_view(QueueView, results_only=True), name="index_results"
            ),
            path("<uuid:identifier>/", detail, name="detail"),
            path("<uuid:identifier>/<slug:name>/", action, name="action"),
        ]


@hooks.register("register_admin_viewset")
def register_activations() -> ActivationViewSet:
    """Add the queue to the back office."""
    return ActivationViewSet()
