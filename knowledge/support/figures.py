"""Delays of the answers, by week of the request. Counts and delays, nobody's data."""

import datetime as dt
from dataclasses import dataclass, field
from statistics import median

from django.utils import timezone

from knowledge.support import waiting
from knowledge.support.models import FoundAnswer, SupportRequest

WEEK = dt.timedelta(weeks=1)


@dataclass
class Figures:
    """Some requests: how many, how many were answered, how fast.

    Attributes:
        asked: requests.
        answered: those that have had an answer.
        in_time: of these, within the promised delay.
        delays: from the request to its first answer, nights and days off included.
    """

    asked: int = 0
    answered: int = 0
    in_time: int = 0
    delays: list[dt.timedelta] = field(default_factory=list)

    def add(self, at: dt.datetime, answered_at: dt.datetime | None) -> None:
        """Count a request."""
        self.asked += 1
        if answered_at is not None:
            self.answered += 1
            self.in_time += waiting.kept(at, answered_at)
            self.delays.append(answered_at - at)

    @property
    def median(self) -> dt.timedelta | None:
        """The delay that half of the answers beat; none without an answer."""
        seconds = [one.total_seconds() for one in self.delays]
        return dt.timedelta(seconds=median(seconds)) if seconds else None


@dataclass(frozen=True)
class Report:
    """The figures of some weeks, the first Monday first, and of all of them.

    Attributes:
        total: of the whole period.
        weeks: by Monday.
        found: how often the FAQ's answer made a request needless.
    """

    total: Figures
    weeks: dict[dt.date, Figures]
    found: int


def read(weeks: int) -> Report:
    """Return the figures of the last ``weeks`` weeks, this one included. Two queries."""
    today = timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday())
    first = monday - (weeks - 1) * WEEK
    start = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    by_week = {first + rank * WEEK: Figures() for rank in range(weeks)}
    total = Figures()
    rows = SupportRequest.objects.filter(created_at__gte=start).order_by()
    for at, answered_at in rows.values_list("created_at", "first_answer_at"):
        day = timezone.localtime(at).date()
        by_week[day - dt.timedelta(days=day.weekday())].add(at, answered_at)
        total.add(at, answered_at)
    return Report(total, by_week, FoundAnswer.objects.filter(at__gte=start).count())
