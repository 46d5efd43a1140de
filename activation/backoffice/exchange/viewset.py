"""The exchange with SFR, as the back office mounts it."""

from django.urls import URLPattern, path

from activation.backoffice.exchange import answers, batches
from activation.models import ActivationRequest
from portal.ui.viewsets import PagesViewSet


class ExchangeViewSet(PagesViewSet):
    """Batches that leave and answers that come, for those who process requests."""

    model = ActivationRequest
    name = "sfr"
    icon = batches.ICON
    menu_label = batches.TITLE
    menu_permission = "process"

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/sfr/``."""
        view = self.construct_view
        return [
            path("", view(batches.BatchListView), name="index"),
            path("lots/<uuid:identifier>/", view(batches.BatchView), name="batch"),
            path(
                "lots/<uuid:identifier>/fichier.<slug:form>",
                view(batches.DownloadView),
                name="download",
            ),
            path("preparer/", view(batches.PrepareView), name="prepare"),
            path("preparer/<uuid:key>/", view(batches.MakingView), name="making"),
            path("reponses/", answers.in_memory(view(answers.UploadView)), name="answers"),
            path("reponses/<uuid:identifier>/", view(answers.SheetView), name="sheet"),
            path("reponses/<uuid:identifier>/rapport.csv", view(answers.ReportView), name="report"),
            path("reponses/<uuid:identifier>/abandonner/", view(answers.DropView), name="drop"),
        ]
