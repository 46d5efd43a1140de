"""Back office of orders and faulty numbers: their menus and addresses."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSet

from portal.ui.viewsets import PagesViewSet
from shop.ordering.backoffice import orders, reports
from shop.ordering.models import PlacedOrder
from shop.recharges.models import FaultyReport


class OrderViewSet(PagesViewSet):
    """Every structure's orders."""

    model = PlacedOrder
    name = "commandes"
    url_prefix = "commandes"
    icon = "list-ul"
    menu_label = "Commandes"
    menu_order = 310

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/commandes/``."""
        results = self.construct_view(orders.OrdersView, results_only=True)
        return [
            path("", self.construct_view(orders.OrdersView), name="index"),
            path("results/", results, name="index_results"),
            path("<uuid:uuid>/", self.construct_view(orders.OrderView), name="detail"),
            path("<uuid:uuid>/annuler/", self.construct_view(orders.CancelView), name="cancel"),
        ]


class ReportViewSet(PagesViewSet):
    """Numbers that did not work."""

    model = FaultyReport
    name = "defectueux"
    url_prefix = "defectueux"
    icon = "warning"
    menu_label = "Numéros défectueux"
    menu_order = 320

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/defectueux/``."""
        results = self.construct_view(reports.ReportsView, results_only=True)
        return [
            path("", self.construct_view(reports.ReportsView), name="index"),
            path("results/", results, name="index_results"),
            path("reclamer/", self.construct_view(reports.ClaimView), name="claim"),
            path("<uuid:uuid>/", self.construct_view(reports.ReportView), name="detail"),
            path("<uuid:uuid>/decider/", self.construct_view(reports.DecideView), name="decide"),
        ]


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ViewSet]:
    """Offer both lists; each is shown to those whose roles allow it."""
    return [OrderViewSet(), ReportViewSet()]
