"""« Délais de réponse »: the median of the first answer by week, as a table, bars and a file."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from knowledge.support.backoffice.inbox import ICON
from knowledge.support.backoffice.inbox import TITLE as INBOX
from knowledge.support.figures import Figures, Report, read
from portal.accounts.backoffice import Parent, StaffPage, StaffRequest
from portal.sheets import writing
from portal.ui.forms import french_date

TITLE = "Délais de réponse"
#: Units of the drawing, which stretches to its place: a week's width, its bar's, the height.
STEP, BAR, HEIGHT = 20, 12, 100
HOUR = dt.timedelta(hours=1)
HEADER = (
    "Semaine du",
    "Demandes",
    "Répondues",
    "Dans le délai promis",
    "Délai médian de la première réponse (heures)",
)


@dataclass(frozen=True)
class Row:
    """A line of the table, in words."""

    label: str
    figures: Figures
    median: str


@dataclass(frozen=True)
class Bar:
    """A rectangle, in units of the drawing, from the top left."""

    x: int
    y: int
    height: int


class PeriodForm(forms.Form):
    """How far back."""

    semaines = forms.TypedChoiceField(
        label="Période",
        choices=[(4, "4 semaines"), (12, "12 semaines"), (26, "6 mois"), (52, "1 an")],
        coerce=int,
        error_messages={"invalid_choice": "Choisissez une période dans la liste."},
    )

    def __init__(self, data: Any) -> None:
        """Fill in twelve weeks where nothing is chosen."""
        super().__init__({"semaines": data.get("semaines") or "12"})


class FiguresView(StaffPage):
    """Show the delays."""

    any_permission_required = ("view",)
    template_name = "knowledge/support/gestion/figures.html"
    page_title = TITLE
    header_icon = ICON
    parents: tuple[Parent, ...] = (("support_requests:index", [], INBOX),)

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show the weeks asked for."""
        form = PeriodForm(request.GET)
        if not form.is_valid():
            return self.show(form=form, status=400)
        report = read(form.cleaned_data["semaines"])
        return self.show(
            form=form,
            weeks=form.cleaned_data["semaines"],
            report=report,
            promise=settings.SUPPORT_ANSWER_DAYS,
            total=_row("Ensemble", report.total),
            rows=[_row(french_date(monday), one) for monday, one in report.weeks.items()],
            bars=_bars(report),
            width=len(report.weeks) * STEP,
            height=HEIGHT,
            bar=BAR,
            highest=duration(_highest(report)),
        )


class ExportView(StaffPage):
    """Hand the delays out as a spreadsheet."""

    any_permission_required = ("view",)

    def get(self, request: StaffRequest) -> HttpResponseBase:
        """Return a line a week."""
        form = PeriodForm(request.GET)
        if not form.is_valid():
            return FiguresView.as_view(permission_policy=self.permission_policy)(request)
        report = read(form.cleaned_data["semaines"])
        return writing.respond(
            request.GET.get("format", ""),
            name="assistance-delais",
            header=HEADER,
            rows=_lines(report),
        )


def duration(span: dt.timedelta | None) -> str:
    """Write a delay: ``42 min``, ``5 h 12``, ``3 j 4 h``; a dash where there is none."""
    if span is None:
        return "–"
    hours, minutes = divmod(round(span.total_seconds() / 60), 60)
    if not hours:
        return f"{minutes}\u00a0min"
    if hours < 48:
        return f"{hours}\u00a0h\u00a0{minutes:02}"
    return f"{hours // 24}\u00a0j\u00a0{hours % 24}\u00a0h"


def _row(label: str, found: Figures) -> Row:
    return Row(label, found, duration(found.median))


def _highest(report: Report) -> dt.timedelta | None:
    return max((one.median for one in report.weeks.values() if one.median), default=None)


def _bars(report: Report) -> list[Bar]:
    highest = _highest(report)
    bars = []
    for week, found in enumerate(report.weeks.values()):
        height = round(HEIGHT * (found.median / highest)) if found.median and highest else 0
        if height:
            bars.append(Bar(week * STEP + (STEP - BAR) // 2, HEIGHT - height, height))
    return bars


def _lines(report: Report) -> Iterator[list[writing.Cell]]:
    for monday, found in report.weeks.items():
        middle = found.median
        hours = round(Decimal(middle / HOUR), 1) if middle is not None else None
        yield [monday, found.asked, found.answered, found.in_time, hours]
