"""« Formations » in the back office's menu."""

from django.urls import URLPattern, path
from wagtail import hooks

from portal.training.backoffice import listing, sessions, untrained
from portal.training.backoffice.base import ICON, TITLE
from portal.training.models import TrainingSession
from portal.ui.viewsets import PagesViewSet


class TrainingViewSet(PagesViewSet):
    """The sessions, their pages, and the members who wait for one."""

    model = TrainingSession
    name = "formations"
    url_prefix = "formations"
    icon = ICON
    menu_label = TITLE
    menu_order = 115

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/formations/``."""
        view = self.construct_view
        results = view(listing.SessionsView, results_only=True)
        return [
            path("", view(listing.SessionsView), name="index"),
            path("results/", results, name="index_results"),
            path("planifier/", view(sessions.AddView), name="add"),
            path("membres/", view(untrained.UntrainedView), name="untrained"),
            path("membres/<int:pk>/dispenser/", view(untrained.WaiveView), name="waive"),
            path("<uuid:uuid>/", view(sessions.DetailView), name="detail"),
            path("<uuid:uuid>/modifier/", view(sessions.EditView), name="edit"),
            path("<uuid:uuid>/feuille/", view(sessions.SheetView), name="sheet"),
            path("<uuid:uuid>/<slug:name>/", view(sessions.ActView), name="act"),
        ]


@hooks.register("register_admin_viewset")
def register_training() -> TrainingViewSet:
    """Add training to the back office."""
    return TrainingViewSet()
