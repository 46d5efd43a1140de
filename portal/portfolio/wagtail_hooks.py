"""« Structures » in the back office's menu."""

from django.urls import URLPattern, path
from wagtail import hooks

from portal.portfolio.backoffice import acts, bulk, detail, imports, listing
from portal.structures.models import Structure
from portal.ui.viewsets import PagesViewSet


class PortfolioViewSet(PagesViewSet):
    """The list of structures, their pages, and what is done with many."""

    model = Structure
    name = "portefeuille"
    url_prefix = "structures"
    icon = "group"
    menu_label = "Structures"
    menu_order = 110

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/structures/``."""
        view = self.construct_view
        results = view(listing.StructuresView, results_only=True)
        return [
            path("", view(listing.StructuresView), name="index"),
            path("results/", results, name="index_results"),
            path("schema-national/", view(bulk.NationalView), name="national"),
            path("ecrire/", view(bulk.WriteView), name="write"),
            path("confier/", view(bulk.EntrustView), name="entrust"),
            path("importer/", view(imports.UploadView), name="upload"),
            path("importer/<uuid:uuid>/", view(imports.ReportView), name="report"),
            path("importer/<uuid:uuid>/rapport/", view(imports.DownloadView), name="download"),
            path("<uuid:uuid>/", view(detail.DetailView), name="detail"),
            path("<uuid:uuid>/histoire/", view(detail.StoryView), name="story"),
            path("<uuid:uuid>/fiche/", view(acts.FactsView), name="facts"),
            path("<uuid:uuid>/note/", view(acts.NoteView), name="note"),
            path("<uuid:uuid>/membre/", view(acts.MemberView), name="member"),
            path("<uuid:uuid>/<slug:name>/", view(acts.ActView), name="act"),
        ]


@hooks.register("register_admin_viewset")
def register_portfolio() -> PortfolioViewSet:
    """Add the structures to the back office."""
    return PortfolioViewSet()
