"""Whole months: those that somebody asks the figures of."""

import datetime as dt
from dataclasses import dataclass

from portal.ui.text import of
from shop.billing.consumption import bounds
from shop.handovers.months import following, named, previous, this_month

YEAR = 12


@dataclass(frozen=True)
class Period:
    """Months from ``first`` to ``last``, both known by their first day."""

    first: dt.date
    last: dt.date

    @classmethod
    def of(cls, month: dt.date) -> "Period":
        """Return one month."""
        return cls(month, month)

    @classmethod
    def year_to(cls, month: dt.date) -> "Period":
        """Return twelve months, of which ``month`` is the last."""
        first = month
        for _ in range(YEAR - 1):
            first = previous(first)
        return cls(first, month)

    @classmethod
    def latest(cls) -> "Period":
        """Return the last twelve months, the one in progress included."""
        return cls.year_to(this_month())

    @property
    def months(self) -> list[dt.date]:
        """Return the first day of each month."""
        found = [self.first]
        while found[-1] < self.last:
            found.append(following(found[-1]))
        return found

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """Return the moments at which it begins and ends in Paris."""
        return bounds(self.first)[0], bounds(self.last)[1]

    @property
    def name(self) -> str:
        """Return ``octobre 2026``, or ``de novembre 2025 à octobre 2026``."""
        if self.first == self.last:
            return named(self.first)
        return f"{of(named(self.first))} à {named(self.last)}"

    def __contains__(self, month: dt.date) -> bool:
        """Return whether a month is one of its own."""
        return self.first <= month <= self.last
