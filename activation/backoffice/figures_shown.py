"""The figures in words, as bars, and as the lines of a file."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format

from activation.figures import Figures, Kind, Report, Share
from activation.models import ActivationSettings
from portal.sheets.writing import Cell
from portal.structures.models import Structure

KINDS = {Kind.NEW: "Nouveau numéro", Kind.KEPT: "Numéro gardé (portabilité)"}
#: Units of the drawing, which stretches to its place: a week's width, a bar's, the height.
STEP, BAR, HEIGHT = 20, 7, 100
MAX_LABELS = 4
HOUR = dt.timedelta(hours=1)
HEADER = (
    "Demandes",
    "Par",
    "Semaine du, ou structure",
    "Envoyées",
    "Traitées dans le délai",
    "sur",
    "Activées",
    "Refusées",
    "Délai médian (heures)",
    "95e centile (heures)",
    "Actives dans le délai",
    "sur",
)


@dataclass(frozen=True)
class Row:
    """A line of a table, in words."""

    label: str
    figures: Figures
    median: str
    slowest: str
    treated: str
    active: str


@dataclass(frozen=True)
class Bar:
    """A rectangle, in units of the drawing, from the top left."""

    rank: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Chart:
    """Two bars a week, what each means, and the words around them; some weeks have no label."""

    title: str
    names: tuple[str, str]
    highest: str
    bars: list[Bar]
    labels: list[str]
    width: int


def promise(settings: ActivationSettings, kind: Kind) -> str:
    """Return the delay that a kind of requests is judged by, in words."""
    hours = f"{settings.sms_working_hours}\u00a0h ouvrées"
    if kind is Kind.NEW:
        return hours
    return f"{hours} et {settings.portability_days_max}\u00a0jours ouvrés"


def row(label: str, found: Figures) -> Row:
    """Return a group's figures in words."""
    return Row(
        label=label,
        figures=found,
        median=duration(found.median),
        slowest=duration(found.slowest),
        treated=share(found.treated),
        active=share(found.active),
    )


def duration(span: dt.timedelta | None) -> str:
    """Write a delay: ``42 min``, ``5 h 12``, ``3 j 4 h``; a dash where there is none."""
    if span is None:
        return "–"
    minutes = round(span.total_seconds() / 60)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes}\u00a0min"
    if hours < 48:
        return f"{hours}\u00a0h\u00a0{minutes:02}"
    return f"{hours // 24}\u00a0j\u00a0{hours % 24}\u00a0h"


def share(found: Share) -> str:
    """Write a share: ``96,4 % (27 sur 28)``; a dash where nothing can be judged."""
    if found.percent is None:
        return "–"
    percent = f"{found.percent:.1f}".replace(".", ",").removesuffix(",0")
    return f"{percent}\u00a0% ({found.part}\u00a0sur\u00a0{found.whole})"


def charts(report: Report, settings: ActivationSettings, kind: Kind) -> list[Chart]:
    """Return the delays and the shares of each week, as bars."""
    spans = [
        tuple(span / HOUR if span else 0.0 for span in (found.median, found.slowest))
        for found in report.weeks.values()
    ]
    shares = [
        (found.treated.percent or 0.0, found.active.percent or 0.0)
        for found in report.weeks.values()
    ]
    highest = max((max(pair) for pair in spans), default=0.0)
    mondays = list(report.weeks)
    return [
        _chart(
            "Délai d’activation, par semaine",
            ("Médiane", "95e centile"),
            duration(highest * HOUR),
            _bars(spans, highest),
            mondays,
        ),
        _chart(
            "Part dans les délais, par semaine",
            (
                f"Traitées en {settings.treatment_hours}\u00a0h",
                f"Actives en {promise(settings, kind)}",
            ),
            "100\u00a0%",
            _bars(shares, 100.0),
            mondays,
        ),
    ]


def named(report: Report) -> list[tuple[str, Figures]]:
    """Return the structures by name, those that send most first."""
    names = dict(Structure.objects.filter(pk__in=report.structures).values_list("pk", "name"))
    found = [(names[pk], one) for pk, one in report.structures.items()]
    return sorted(found, key=lambda pair: (-pair[1].sent, pair[0]))


def lines(reports: dict[Kind, Report]) -> Iterator[list[Cell]]:
    """Return the lines of the file."""
    for kind, report in reports.items():
        yield _line(kind, "Ensemble", "", report.total)
        for monday, found in report.weeks.items():
            yield _line(kind, "Semaine", monday, found)
        for name, found in named(report):
            yield _line(kind, "Structure", name, found)


def _line(kind: Kind, by: str, label: str | dt.date, found: Figures) -> list[Cell]:
    counts: list[Cell] = [found.sent, found.treated.part, found.treated.whole]
    counts += [found.activated, found.refused, _hours(found.median), _hours(found.slowest)]
    return [KINDS[kind], by, label, *counts, found.active.part, found.active.whole]


def _hours(span: dt.timedelta | None) -> Decimal | None:
    return None if span is None else round(Decimal(span / HOUR), 1)


def _chart(
    title: str, names: tuple[str, str], highest: str, bars: list[Bar], mondays: list[dt.date]
) -> Chart:
    step = max(1, -(-len(mondays) // MAX_LABELS))
    labels = [
        "" if week % step else str(date_format(monday, "j N"))
        for week, monday in enumerate(mondays)
    ]
    return Chart(title, names, highest, bars, labels, len(mondays) * STEP)


def _bars(pairs: Iterable[tuple[float, ...]], highest: float) -> list[Bar]:
    bars = []
    for week, pair in enumerate(pairs):
        for rank, value in enumerate(pair):
            height = round(HEIGHT * value / highest) if highest else 0
            if height:
                left = week * STEP + (STEP - 2 * BAR) // 2 + rank * BAR
                bars.append(Bar(rank, left, HEIGHT - height, height))
    return bars


def day(date: dt.date) -> str:
    """Return a day as the label of a line."""
    return str(date_format(date, "j F Y"))
