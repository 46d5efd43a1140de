"""« Conventions » and « Textes » in the back office's menu."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSet

from portal.structures.backoffice import listing, papers, texts
from portal.structures.backoffice.frame import ICON, TITLE
from portal.structures.models import Agreement, AgreementText, Kind
from portal.ui.viewsets import PagesViewSet


class AgreementViewSet(PagesViewSet):
    """Conventions, and the avenants under them."""

    model = Agreement
    name = "conventions"
    url_prefix = "conventions"
    icon = ICON
    menu_label = TITLE
    menu_order = 270

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/conventions/``."""
        view, kind = self.construct_view, {"kind": Kind.AVENANT}
        results = view(listing.AgreementsView, results_only=True)
        avenant = "avenants/<uuid:uuid>/"
        return [
            path("", view(listing.AgreementsView), name="index"),
            path("results/", results, name="index_results"),
            path("ajouter/", view(papers.AddView), name="add"),
            path("documents/<uuid:uuid>/", view(papers.FileView), name="file"),
            path(avenant, view(papers.PaperView, **kind), name="avenant"),
            path(f"{avenant}modifier/", view(papers.AvenantTermsView), name="avenant_edit"),
            path(
                f"{avenant}<slug:name>/",
                view(papers.PaperActionView, **kind),
                name="avenant_action",
            ),
            path("<uuid:uuid>/", view(papers.PaperView), name="detail"),
            path("<uuid:uuid>/modifier/", view(papers.TermsView), name="convention_edit"),
            path("<uuid:uuid>/avenant/", view(papers.AddAvenantView), name="add_avenant"),
            path(
                "<uuid:uuid>/<slug:name>/",
                view(papers.PaperActionView),
                name="convention_action",
            ),
        ]


class TextViewSet(PagesViewSet):
    """The texts of both papers."""

    model = AgreementText
    name = "textes"
    url_prefix = "textes-conventions"
    icon = texts.ICON
    menu_label = "Textes à signer"
    menu_order = 275

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/textes-conventions/``."""
        view = self.construct_view
        return [
            path("", view(texts.TextsView), name="index"),
            path("<slug:kind>/nouveau/", view(texts.EditTextView), name="edit"),
            path("<int:pk>/apercu/", view(texts.ProofView), name="proof"),
        ]


@hooks.register("register_admin_viewset")
def register_agreements() -> list[ViewSet]:
    """Add both to the back office."""
    return [AgreementViewSet(), TextViewSet()]
