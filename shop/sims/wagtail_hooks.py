"""« Cartes SIM » in the back office."""

from django.urls import URLPattern, path
from wagtail import hooks

from portal.ui.viewsets import PagesViewSet
from shop.sims.backoffice.detail import ActionView, DetailView, SlipView
from shop.sims.backoffice.queue import QueueView
from shop.sims.models import Delivery


class DeliveryViewSet(PagesViewSet):
    """List, page of a delivery, its slip and its actions."""

    model = Delivery
    name = "sim_deliveries"
    url_prefix = "cartes-sim"
    icon = "doc-full"
    menu_label = "Cartes SIM"
    menu_order = 130

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
