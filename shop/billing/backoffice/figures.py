"""« Chiffres » and « Comptabilité », below ``/gestion/facturation/``."""

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from portal.accounts.backoffice import StaffRequest
from portal.sheets.writing import respond
from shop.billing import export
from shop.billing.backoffice import figures_shown as shown
from shop.billing.backoffice.base import BillingPage, BillingViewSet
from shop.billing.backoffice.figures_forms import DaysForm, PeriodForm
from shop.billing.figures.periods import YEAR, Period
from shop.billing.figures.reading import Report, read

FIGURES = "Chiffres"
ACCOUNTING = "Comptabilité"
PER_PAGE = 50


class FiguresView(BillingPage):
    """Turnover, free value, what is invoiced and what is left, with a chart of the months."""

    template_name = "billing/figures/figures.html"
    page_title = FIGURES
    header_icon = "table"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the figures of the period that is asked for."""
        form = PeriodForm(request.GET)
        if not form.is_valid():
            return self.show(form=form, status=400)
        report, year = _reports(form.period())
        return self.show(
            form=form,
            period=report.period,
            year=year.period,
            total=report.total,
            chart=shown.chart(year.months),
            height=shown.HEIGHT,
            bar=shown.BAR,
            months=shown.month_rows(year.months),
            products=shown.product_rows(report),
            structures=self.structures(report),
            query=f"periode={form.cleaned_data['periode']}",
        )

    def structures(self, report: Report) -> Page[shown.Row]:
        """Return a page of the structures, those that buy most first."""
        pages = Paginator(shown.structure_keys(report), PER_PAGE)
        page = pages.get_page(self.request.GET.get("page"))
        page.object_list = shown.structure_rows(report, page.object_list)  # type: ignore[assignment]
        return page  # type: ignore[return-value]  # rows instead of their keys


class FiguresExportView(BillingPage):
    """Hand out what the page shows, all the structures included: no person's data."""

    def get(self, request: StaffRequest) -> HttpResponseBase:
        """Return the file of the period that is asked for."""
        form = PeriodForm(request.GET)
        if not form.is_valid():
            return FiguresView.as_view(permission_policy=self.permission_policy)(request)
        report, year = _reports(form.period())
        return respond(
            request.GET.get("format", ""),
            name=f"chiffres-{report.period.first:%Y-%m}-{report.period.last:%Y-%m}",
            header=shown.HEADER,
            rows=shown.lines(report, year.months),
        )


class AccountingView(BillingPage):
    """Choose days of issue, see what they come to, and take the file."""

    template_name = "billing/figures/accounting.html"
    page_title = ACCOUNTING
    header_icon = "download"

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show what was issued in the days that are asked for."""
        form = DaysForm(request.GET)
        if not form.is_valid():
            return self.show(form=form, status=400)
        days = form.days()
        return self.show(
            form=form,
            days=days,
            totals=export.totals(days),
            columns=export.HEADER,
            query=f"du={days.first}&au={days.last}",
        )


class AccountingExportView(BillingPage):
    """Hand out the lines of what was issued: frozen facts, and nobody's data."""

    def get(self, request: StaffRequest) -> HttpResponseBase:
        """Return the file of the days that are asked for."""
        form = DaysForm(request.GET)
        if not form.is_valid():
            return AccountingView.as_view(permission_policy=self.permission_policy)(request)
        days = form.days()
        return respond(
            request.GET.get("format", ""),
            name=f"comptabilite-{days.first}-{days.last}",
            header=export.HEADER,
            rows=export.rows(days),
        )


class FiguresViewSet(BillingViewSet):
    """The figures and their file."""

    name = "billing_figures"
    url_prefix = "facturation/chiffres"
    icon = "table"
    menu_label = FIGURES

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/facturation/chiffres/``."""
        return [
            path("", self.construct_view(FiguresView), name="index"),
            path("export/", self.construct_view(FiguresExportView), name="export"),
        ]


class AccountingViewSet(BillingViewSet):
    """The accounting export."""

    name = "billing_accounting"
    url_prefix = "facturation/comptabilite"
    icon = "download"
    menu_label = ACCOUNTING

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/facturation/comptabilite/``."""
        return [
            path("", self.construct_view(AccountingView), name="index"),
            path("export/", self.construct_view(AccountingExportView), name="export"),
        ]


def _reports(period: Period) -> tuple[Report, Report]:
    """Return the figures of a period, and of the twelve months that end with it."""
    report = read(period)
    whole = len(period.months) == YEAR
    return report, report if whole else read(Period.year_to(period.last))
