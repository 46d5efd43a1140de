"""Importing places: a file, what it would do, the import, its report."""

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.portfolio import imports
from portal.portfolio.backoffice.base import PortfolioPage
from portal.portfolio.forms import UploadForm
from portal.portfolio.models import PlacesFile
from portal.sheets.writing import respond
from portal.ui.errors import DomainError

SHOWN = 500  # lines of the page; the file tells the rest
_TITLE = "Importer des lieux"


class ImportPage(PortfolioPage):
    """Below « Importer des lieux »."""

    permission_required = "add"
    page_title = _TITLE


class UploadView(ImportPage):
    """Send a file."""

    template_name = "portfolio/gestion/upload.html"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the form and one's last files."""
        return self.page(UploadForm())

    def post(self, request: StaffRequest) -> HttpResponse:
        """Read it, and go to what it would do."""
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                kept = imports.upload(by=request.user, name=file.name, file=file)
            except DomainError as error:
                form.add_error("file", error.message)
            else:
                return redirect("portefeuille:report", kept.uuid)
        return self.page(form, status=422)

    def page(self, form: UploadForm, *, status: int = 200) -> HttpResponse:
        """Draw the form."""
        files = PlacesFile.objects.defer("content", "report").select_related("by")[:10]
        return self.show(form=form, files=files, status=status)


class ReportView(ImportPage):
    """What a file would do; a POST does it. What it did, afterwards."""

    template_name = "portfolio/gestion/report.html"

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the report."""
        return self.page(get_object_or_404(PlacesFile, uuid=uuid))

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Import the file."""
        file = get_object_or_404(PlacesFile, uuid=uuid)
        try:
            imports.commit(by=request.user, file=file)
        except DomainError as error:
            messages.error(request, error.message)
            return self.page(file, status=422)
        messages.success(request, "Les lieux sont importés. Voici le rapport.")
        return redirect("portefeuille:report", uuid)

    def page(self, file: PlacesFile, *, status: int = 200) -> HttpResponse:
        """Draw the report, what needs a look first."""
        made = imports.report(file)
        rank = list(imports.Outcome)[::-1]
        lines = sorted(made.lines, key=lambda one: rank.index(one.outcome))
        return self.show(
            file=file,
            counts=made.counts,
            new=len(made.new),
            lines=lines[:SHOWN],
            hidden=max(0, len(lines) - SHOWN),
            status=status,
        )

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        crumbs = super().get_breadcrumbs_items()
        crumbs[-1]["url"] = reverse("portefeuille:upload")
        return [*crumbs, {"url": "", "label": "Rapport"}]


class DownloadView(ImportPage):
    """The report as a spreadsheet."""

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse | StreamingHttpResponse:
        """Send it."""
        made = imports.report(get_object_or_404(PlacesFile, uuid=uuid))
        return respond(
            "csv",
            name="rapport-import",
            header=["Ligne", "Nom", "Résultat", "Explication"],
            rows=([one.number, one.name, one.word, one.why] for one in made.lines),
        )
