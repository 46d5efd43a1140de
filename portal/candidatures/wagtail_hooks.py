"""« Candidatures » in the back office."""

from django.urls import URLPattern, path
from wagtail import hooks

from portal.candidatures.backoffice import detail, lists
from portal.candidatures.models import Candidature
from portal.ui.viewsets import PagesViewSet


class CandidatureViewSet(PagesViewSet):
    """The board, the list, the page of a candidature and its actions."""

    model = Candidature
    name = "candidatures_gestion"
    url_prefix = "candidatures"
    icon = "clipboard-list"
    menu_label = "Candidatures"
    menu_order = 100

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/candidatures/``."""
        results = self.construct_view(lists.ListView, results_only=True)
        return [
            path("", self.construct_view(lists.BoardView), name="index"),
            path("toutes/", self.construct_view(lists.ListView), name="all"),
            path("toutes/results/", results, name="index_results"),
            path("<uuid:uuid>/", self.construct_view(detail.DetailView), name="detail"),
            path("<uuid:uuid>/suivre/", self.construct_view(detail.TakeView), name="take"),
            path("<uuid:uuid>/<slug:name>/", self.construct_view(detail.ActionView), name="action"),
        ]


@hooks.register("register_admin_viewset")
def register_candidatures() -> CandidatureViewSet:
    """Add the candidatures to the back office."""
    return CandidatureViewSet()
