"""« Assistance » and « Réponses types » in the back office."""

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet

from knowledge.support.backoffice.detail import ActionView, DetailView, FileView
from knowledge.support.backoffice.figures import ExportView, FiguresView
from knowledge.support.backoffice.inbox import ICON, TITLE, InboxView
from knowledge.support.models import CannedAnswer, SupportRequest
from portal.ui.viewsets import PagesViewSet


class SupportViewSet(PagesViewSet):
    """Inbox, page of a request, its actions and files, the delays."""

    model = SupportRequest
    name = "support_requests"
    url_prefix = "assistance"
    icon = ICON
    menu_label = TITLE
    menu_order = 118

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/assistance/``."""
        view = self.construct_view
        return [
            path("", view(InboxView), name="index"),
            path("results/", view(InboxView, results_only=True), name="index_results"),
            path("delais/", view(FiguresView), name="figures"),
            path("delais/export/", view(ExportView), name="export"),
            path("fichiers/<uuid:uuid>/", view(FileView), name="file"),
            path("<uuid:uuid>/", view(DetailView), name="detail"),
            path("<uuid:uuid>/<slug:name>/", view(ActionView), name="action"),
        ]


class CannedAnswerViewSet(ModelViewSet):
    """The texts that référents insert into their answers."""

    model = CannedAnswer
    name = "canned_answers"
    url_prefix = "reponses-types"
    icon = "edit"
    menu_label = "Réponses types"
    form_fields = ["title", "body", "position"]
    list_display = ["title", "position"]
    ordering = ("position", "title")
    copy_view_enabled = False
    inspect_view_enabled = False
    add_to_reference_index = False
    add_to_admin_menu = False


@hooks.register("register_admin_viewset")
def register_support() -> list[PagesViewSet | CannedAnswerViewSet]:
    """Add the requests and the ready answers to the back office."""
    return [SupportViewSet(), CannedAnswerViewSet()]
