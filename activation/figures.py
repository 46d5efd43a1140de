"""How long activations take: median and 95th percentile, and what was done in time.

A request counts in the week when it was sent (sent again, where it was corrected): a week's figures
say what became of its requests. One that is still open counts as late once its delay is over, and
not before: nobody knows yet. Numbers that are kept are counted apart, since more is promised for
new ones. Anonymised requests keep their dates and count like the others.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils import timezone

from activation.models import ActivationSettings
from activation.rules import delays
from portal.structures.models import Structure

WEEK = dt.timedelta(weeks=1)
DEFAULT_WEEKS = 12
MAX_WEEKS = 53


class Kind(StrEnum):
    """What was asked for."""

    NEW = "nouveau"
    KEPT = "garde"


@dataclass(frozen=True)
class Period:
    """Whole ISO weeks: the first one's Monday, the last one's Sunday."""

    first: dt.date
    last: dt.date

    @classmethod
    def around(cls, start: dt.date, end: dt.date) -> "Period":
        """Return the weeks from that of ``start`` to that of ``end``."""
        return cls(_monday(start), _monday(end) + dt.timedelta(days=6))

    @classmethod
    def latest(cls, weeks: int = DEFAULT_WEEKS) -> "Period":
        """Return the last weeks, the present one included."""
        today = timezone.localdate()
        return cls.around(today - (weeks - 1) * WEEK, today)

    @property
    def mondays(self) -> list[dt.date]:
        """Return the first day of each week."""
        return [self.first + n * WEEK for n in range((self.last - self.first) // WEEK + 1)]


@dataclass(frozen=True)
class Share:
    """How many of those that can be judged."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> float | None:
        """Return the share in percent; none where nothing can be judged."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Figures:
    """What became of a group of requests.

    Attributes:
        sent: how many were sent.
        activated, refused: how many are.
        median, slowest: of the time from sending to activation, night and day; ``slowest`` is
            the 95th percentile.
        treated: within the hours promised.
        active: within the working hours promised.
    """

    sent: int = 0
    activated: int = 0
    refused: int = 0
    median: dt.timedelta | None = None
    slowest: dt.timedelta | None = None
    treated: Share = Share()
    active: Share = Share()


@dataclass(frozen=True)
class Report:
    """The figures of one kind of requests."""

    total: Figures = Figures()
    weeks: dict[dt.date, Figures] = field(default_factory=dict)
    structures: dict[int, Figures] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What is promised: hours to treat a request, working hours to activate each kind."""

    treatment: dt.timedelta
    activation: Mapping[Kind, dt.timedelta]

    @classmethod
    def of(cls, settings: ActivationSettings) -> "Limits":
        """Return the promises of today; a working day has 24 working hours (`rules.delays`)."""
        new = dt.timedelta(hours=settings.sms_working_hours)
        kept = new + dt.timedelta(days=settings.portability_days_max)
        treatment = dt.timedelta(hours=settings.treatment_hours)
        return cls(treatment, {Kind.NEW: new, Kind.KEPT: kept})


_QUERY = """
WITH chosen AS (
  SELECT portability, structure_id, state, closed_at - submitted_at AS delay,
         date_trunc('week', submitted_at AT TIME ZONE 'Europe/Paris')::date AS week,
         treated_at - submitted_at <= %(treatment)s AS treated,
         treated_at IS NOT NULL
           OR state IN ('submitted', 'in_progress') AND submitted_at <= %(treat_by)s AS judged,
         working_time <= CASE WHEN portability THEN %(kept)s ELSE %(new)s END AS active,
         state IN ('submitted', 'in_progress', 'transmitted', 'porting')
           AND submitted_at <= CASE WHEN portability THEN %(kept_by)s ELSE %(new_by)s END AS overdue
    FROM activation_activationrequest
   WHERE submitted_at >= %(start)s AND submitted_at < %(end)s
     AND (%(structure)s::bigint IS NULL OR structure_id = %(structure)s)
)
SELECT portability, week, structure_id, count(*),
       count(*) FILTER (WHERE state = 'activated'),
       count(*) FILTER (WHERE state = 'refused'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY delay) FILTER (WHERE state = 'activated'),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY delay) FILTER (WHERE state = 'activated'),
       count(*) FILTER (WHERE treated), count(*) FILTER (WHERE judged),
       count(*) FILTER (WHERE state = 'activated' AND active),
       count(*) FILTER (WHERE state = 'activated' OR overdue)
  FROM chosen
 GROUP BY GROUPING SETS ((portability), (portability, week), (portability, structure_id))
"""


def read(
    period: Period, *, structure: Structure | None = None, settings: ActivationSettings
) -> dict[Kind, Report]:
    """Return the figures of a period, in one query.

    Args:
        period: when the requests were sent.
        structure: the only one to count; every one by default.
        settings: the delays that are promised.
    """
    reports = {kind: Report(weeks=dict.fromkeys(period.mondays, Figures())) for kind in Kind}
    totals = dict.fromkeys(Kind, Figures())
    for portability, week, structure_id, figures in _rows(period, structure, settings):
        kind = Kind.KEPT if portability else Kind.NEW
        if week:
            reports[kind].weeks[week] = figures
        elif structure_id:
            reports[kind].structures[structure_id] = figures
        else:
            totals[kind] = figures
    return {
        kind: Report(totals[kind], report.weeks, report.structures)
        for kind, report in reports.items()
    }


def late_since(now: dt.datetime, limit: dt.timedelta) -> dt.datetime:
    """Return the moment that was ``limit`` working hours ago: what was sent before is late.

    Args:
        now: aware.
        limit: in working hours.
    """
    # Half of any fortnight at least is working days.
    low, high = now - 3 * limit - dt.timedelta(days=15), now
    while high - low > dt.timedelta(microseconds=1):
        middle = low + (high - low) / 2
        if delays.working_time(middle, now) > limit:
            low = middle
        else:
            high = middle
    return low


def _rows(
    period: Period, structure: Structure | None, settings: ActivationSettings
) -> Iterator[tuple[bool, dt.date | None, int | None, Figures]]:
    limits, now = Limits.of(settings), timezone.now()
    values: dict[str, Any] = {
        "start": _midnight(period.first),
        "end": _midnight(period.last + dt.timedelta(days=1)),
        "structure": structure.pk if structure else None,
        "treatment": limits.treatment,
        "treat_by": now - limits.treatment,
        "new": limits.activation[Kind.NEW],
        "kept": limits.activation[Kind.KEPT],
        "new_by": late_since(now, limits.activation[Kind.NEW]),
        "kept_by": late_since(now, limits.activation[Kind.KEPT]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, values)
        for portability, week, structure_id, sent, activated, refused, *rest in cursor.fetchall():
            median, slowest, treated, judged, active, counted = rest
            yield (
                portability,
                week,
                structure_id,
                Figures(
                    sent=sent,
                    activated=activated,
                    refused=refused,
                    median=median,
                    slowest=slowest,
                    treated=Share(treated, judged),
                    active=Share(active, counted),
                ),
            )


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), delays.PARIS)
