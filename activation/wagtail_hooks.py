"""The operators' queue in the back office."""

from django.urls import URLPattern, path
from wagtail import hooks

from activation.backoffice.detail import ActionView, DetailView
from activation.backoffice.queue import QueueView
from activation.models import ActivationRequest
from portal.ui.viewsets import PagesViewSet


class ActivationViewSet(PagesViewSet):
    """Queue, page of a request, and its actions."""

    model = ActivationRequest
    name = "activations"
    icon = "mobile-alt"
    menu_label = "Activations SIM"
    menu_order = 120

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
