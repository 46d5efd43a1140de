"""The bars of the cash report, as numbers for an SVG: one column a day, two payers stacked."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shop.handovers.reports import Report

#: Units of the drawing, which stretches to its place: a day's width, its bar's, the height.
STEP, BAR, HEIGHT = 20, 14, 100


@dataclass(frozen=True)
class Bar:
    """One rectangle; ``kind`` is the payer. Edges in units of the drawing, from the top left."""

    kind: str
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Chart:
    """A month's bars, its width, and the days named below."""

    bars: tuple[Bar, ...]
    width: int
    labels: tuple[int, ...]
    highest: Decimal


def draw(report: Report) -> Chart | None:
    """Return the chart of a month; none where nobody paid anything."""
    if not report.highest:
        return None
    days = report.last_day
    return Chart(tuple(_bars(report)), days * STEP, (1, 8, 15, 22, days), report.highest)


def _bars(report: Report) -> Iterator[Bar]:
    for day, totals in report.days.items():
        top = HEIGHT
        for kind in ("beneficiary", "structure"):
            height = round(HEIGHT * getattr(totals, kind) / report.highest)
            top -= height
            if height:
                yield Bar(kind, _left(day), top, height)


def _left(day: dt.date) -> int:
    return (day.day - 1) * STEP + (STEP - BAR) // 2
