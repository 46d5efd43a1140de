"""The figures as rows, bars and the lines of a file."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format

from portal.sheets.writing import Cell
from portal.structures.models import Structure
from shop.billing.figures.reading import Figures, Report
from shop.handovers.months import named

#: Units of the drawing, which stretches to its place: a month's width, a bar's, the height.
STEP, BAR, HEIGHT = 20, 7, 100
HEADER = (
    "Par",
    "Mois, structure ou produit",
    "Référence",
    "Articles payés",
    "Articles offerts",
    "Chiffre d’affaires",
    "Valeur offerte",
    "Facturé",
    "Avoirs",
    "Reste à payer",
    "dont en retard",
)


@dataclass(frozen=True)
class Row:
    """A line of a table; ``width`` is its bar's, in percent of the longest one's."""

    label: str
    figures: Figures
    width: int = 0


@dataclass(frozen=True)
class Bar:
    """A rectangle, in units of the drawing, from the top left."""

    rank: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Chart:
    """Two bars a month: what was sold, and the value of what was given."""

    highest: Decimal
    bars: list[Bar]
    labels: list[str]
    width: int


def chart(months: dict[dt.date, Figures]) -> Chart | None:
    """Return the bars of some months; none where there is nothing to draw."""
    pairs = [(found.turnover, found.given) for found in months.values()]
    highest = max((max(pair) for pair in pairs), default=Decimal("0.00"))
    if not highest:
        return None
    bars = []
    for index, pair in enumerate(pairs):
        for rank, value in enumerate(pair):
            height = round(HEIGHT * value / highest)
            if height:
                left = index * STEP + (STEP - 2 * BAR) // 2 + rank * BAR
                bars.append(Bar(rank, left, HEIGHT - height, height))
    labels = [str(date_format(month, "N y")) for month in months]
    return Chart(highest, bars, labels, len(pairs) * STEP)


def month_rows(months: dict[dt.date, Figures]) -> list[Row]:
    """Return the months, the newest first."""
    return [Row(named(month).capitalize(), found) for month, found in reversed(months.items())]


def product_rows(report: Report) -> list[Row]:
    """Return the products, those that sell most first."""
    longest = _longest(report.products.values())
    return [
        Row(report.titles[key], found, _width(found, longest)) for key, found in _products(report)
    ]


def structure_keys(report: Report) -> list[int]:
    """Return the structures, those that buy most first."""
    return sorted(report.structures, key=lambda key: (*_weight(report.structures[key]), key))


def structure_rows(report: Report, keys: Iterable[int]) -> list[Row]:
    """Return some structures in their order, by name."""
    keys, longest = list(keys), _longest(report.structures.values())
    names = _names(keys)
    found = [(key, report.structures[key]) for key in keys]
    return [Row(names[key], one, _width(one, longest)) for key, one in found]


def lines(report: Report, months: dict[dt.date, Figures]) -> Iterator[list[Cell]]:
    """Yield the lines of the file: what the page shows, with all the structures."""
    yield _line("Ensemble", report.period.name, "", report.total)
    for month, found in months.items():
        yield _line("Mois", named(month), "", found)
    for key, found in _products(report):
        upc = "" if key == report.titles[key] else key
        yield [*_line("Produit", report.titles[key], upc, found)[:-2], None, None]
    keys = structure_keys(report)
    names = _names(keys)
    for one in keys:
        yield _line("Structure", names[one], "", report.structures[one])


def _products(report: Report) -> list[tuple[str, Figures]]:
    return sorted(report.products.items(), key=lambda pair: (*_weight(pair[1]), pair[0]))


def _line(by: str, label: str, upc: str, found: Figures) -> list[Cell]:
    counts: list[Cell] = [found.paid, found.free, found.turnover, found.given]
    euros: list[Cell] = [found.invoiced, found.credited, found.left, found.late]
    return [by, label, upc, *counts, *euros]


def _weight(found: Figures) -> tuple[Decimal, Decimal, Decimal]:
    """Return what sorts the rows: the most sold, then left to pay, then given."""
    return -found.turnover, -found.left, -found.given


def _longest(figures: Iterable[Figures]) -> Decimal:
    return max((one.turnover for one in figures), default=Decimal("0.00"))


def _width(found: Figures, longest: Decimal) -> int:
    return round(100 * found.turnover / longest) if longest else 0


def _names(keys: Iterable[int]) -> dict[int, str]:
    return dict(Structure.objects.filter(pk__in=keys).values_list("pk", "name"))
