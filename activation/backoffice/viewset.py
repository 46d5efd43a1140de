"""The queue and the page of a request, as the back office mounts them."""

from django.urls import URLPattern, path

from activation.backoffice.detail import ActionView, DetailView
from activation.backoffice.queue import LiveView, NextView, QueueView, TakeView
from activation.models import ActivationRequest
from portal.ui.viewsets import PagesViewSet


class ActivationViewSet(PagesViewSet):
    """Queue, page of a request, and its actions."""

    model = ActivationRequest
    name = "activations"
    icon = "mobile-alt"
    menu_label = "Demandes"

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/activations/``."""
        detail = self.construct_view(DetailView)
        action = self.construct_view(ActionView)
        return [
            path("", self.construct_view(QueueView), name="index"),
            path("en-direct/", self.construct_view(LiveView), name="live"),
            path("prendre/", self.construct_view(TakeView), name="take"),
            path("suivante/", self.construct_view(NextView), name="next"),
            path("<uuid:identifier>/", detail, name="detail"),
            path("<uuid:identifier>/<slug:name>/", action, name="action"),
        ]
