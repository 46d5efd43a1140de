"""« Délais et volumes »: the figures of the activations, by week and by structure."""

from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from wagtail.permission_policies import ModelPermissionPolicy

from activation import figures
from activation.backoffice import figures_shown as shown
from activation.figures import Kind, Period, Report
from activation.models import ActivationRequest, ActivationSettings
from portal.accounts.backoffice import StaffPage, StaffRequest
from portal.sheets import writing
from portal.structures.models import Structure
from portal.ui.viewsets import PagesViewSet

TITLE = "Délais et volumes"
ICON = "table"
PER_PAGE = 50


class StatisticsPolicy(ModelPermissionPolicy):
    """Who reads the figures: one permission, whatever the page asks."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Return whether ``user`` reads the figures."""
        allowed: bool = user.has_perm("activation.view_statistics")
        return allowed


class FilterForm(forms.Form):
    """The weeks, the structure and the kind of requests; as they are where nothing is typed."""

    du = forms.DateField(label="Du", required=False)
    au = forms.DateField(label="Au", required=False)
    structure = forms.ModelChoiceField(
        Structure.objects.order_by("name").only("name"),
        label="Structure",
        required=False,
        empty_label="Toutes",
        error_messages={"invalid_choice": "Cette structure n’existe pas. Choisissez-en une autre."},
    )
    demandes = forms.ChoiceField(
        label="Demandes",
        choices=[(kind.value, label) for kind, label in shown.KINDS.items()],
        required=False,
        error_messages={"invalid_choice": "Choisissez l’une des deux sortes de demandes."},
    )

    def __init__(self, data: Any) -> None:
        period = Period.latest()
        initial = {"du": period.first, "au": period.last}
        usual = {name: day.isoformat() for name, day in initial.items()}
        super().__init__({**usual, **{name: text for name, text in data.items() if text}})
        for name in initial:
            field = self.fields[name]
            field.widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
            field.error_messages["invalid"] = "Indiquez une date, par exemple 31/12/2026."

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or too long to be read."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("du"), cleaned.get("au")
        if not (start and end):
            return cleaned
        if end < start:
            self.add_error("au", "La période finit avant de commencer\u00a0: changez une date.")
        elif end - start > figures.MAX_WEEKS * figures.WEEK:
            self.add_error("au", "La période dépasse un an\u00a0: rapprochez les deux dates.")
        else:
            cleaned["period"] = Period.around(start, end)
        return cleaned


class FiguresView(StaffPage):
    """Show the figures, with a chart of each week."""

    permission_required = "view"
    template_name = "activation/gestion/figures.html"
    page_title = TITLE
    header_icon = ICON

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the figures of the period that is asked for."""
        form = FilterForm(request.GET)
        if not form.is_valid():
            return self.show(form=form, status=400)
        asked, settings = form.cleaned_data, ActivationSettings.load()
        period: Period = asked["period"]
        reports = figures.read(period, structure=asked["structure"], settings=settings)
        kind = Kind(asked["demandes"] or Kind.NEW)
        report = reports[kind]
        return self.show(
            form=form,
            period=period,
            kind_label=shown.KINDS[kind],
            settings=settings,
            promise=shown.promise(settings, kind),
            totals=[shown.row(label, reports[one].total) for one, label in shown.KINDS.items()],
            weeks=[shown.row(shown.day(monday), found) for monday, found in report.weeks.items()],
            charts=shown.charts(report, settings, kind) if report.total.sent else [],
            height=shown.HEIGHT,
            structures=self.structures(report) if not asked["structure"] else None,
            query=_query(request),
        )

    def structures(self, report: Report) -> Page[Any]:
        """Return a page of the structures, those that send most first."""
        found: list[Any] = shown.named(report)
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        page.object_list = [shown.row(name, found) for name, found in page.object_list]
        return page


class ExportView(StaffPage):
    """Hand the figures out as a spreadsheet: counts and delays, nobody's data."""

    permission_required = "view"

    def get(self, request: StaffRequest) -> HttpResponseBase:
        """Return both kinds of requests, whole, by week and by structure."""
        form = FilterForm(request.GET)
        if not form.is_valid():
            return FiguresView.as_view(permission_policy=self.permission_policy)(request)
        asked = form.cleaned_data
        period: Period = asked["period"]
        reports = figures.read(
            period, structure=asked["structure"], settings=ActivationSettings.load()
        )
        return writing.respond(
            request.GET.get("format", ""),
            name=f"activations-{period.first}-{period.last}",
            header=shown.HEADER,
            rows=shown.lines(reports),
        )


class FiguresViewSet(PagesViewSet):
    """The figures and their file."""

    model = ActivationRequest
    name = "activation_figures"
    url_prefix = "activations-chiffres"
    icon = ICON
    menu_label = TITLE

    @cached_property
    def permission_policy(self) -> StatisticsPolicy:
        """Return who reads the figures."""
        return StatisticsPolicy(self.model)

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/activations-chiffres/``."""
        return [
            path("", self.construct_view(FiguresView), name="index"),
            path("export/", self.construct_view(ExportView), name="export"),
        ]


def _query(request: StaffRequest) -> str:
    """Return the filters of the address, for its links."""
    kept = request.GET.copy()
    for name in ("page", "format"):
        kept.pop(name, None)
    return kept.urlencode()
