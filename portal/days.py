"""Working days in France: Monday to Friday less public holidays, Europe/Paris."""

import datetime as dt
from functools import lru_cache

import holidays


@lru_cache(maxsize=32)
def _public_holidays(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("FR", years=year))


def is_working_day(day: dt.date) -> bool:
    """Return whether people work on ``day``."""
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def next_working_day(day: dt.date) -> dt.date:
    """Return the first working day after ``day``."""
    following = day + dt.timedelta(days=1)
    while not is_working_day(following):
        following += dt.timedelta(days=1)
    return following


def add_working_days(day: dt.date, days: int) -> dt.date:
    """Return the working day that comes ``days`` working days after ``day``."""
    for _ in range(days):
        day = next_working_day(day)
    return day


def working_days_between(start: dt.date, end: dt.date) -> int:
    """Return how many working days come after ``start``, up to ``end`` which counts.

    Args:
        start: the day that nothing is counted of.
        end: the last day; before ``start`` the answer is 0.
    """
    days = (end - start).days
    return sum(is_working_day(start + dt.timedelta(days=gap)) for gap in range(1, days + 1))
