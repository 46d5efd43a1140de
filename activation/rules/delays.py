"""Delays in hours, working hours and working days, Europe/Paris.

Working days: Monday to Friday less French public holidays. A working hour is any hour of a
working day: « 48 heures ouvrées » from Friday 15:00 ends on Tuesday 15:00.
"""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

PARIS = ZoneInfo("Europe/Paris")


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


def add_working_days(start: dt.datetime, days: int) -> dt.datetime:
    """Return the same time of day, ``days`` working days after ``start`` (aware)."""
    local = start.astimezone(PARIS)
    day = local.date()
    for _ in range(days):
        day = next_working_day(day)
    return dt.datetime.combine(day, local.timetz())


def add_working_hours(start: dt.datetime, hours: int) -> dt.datetime:
    """Return the moment when ``hours`` hours of working days have passed since ``start`` (aware).

    The clock changes on Sundays, never within a working day: wall-clock hours are exact.
    """
    local = start.astimezone(PARIS)
    day, passed = local.date(), dt.timedelta(hours=local.hour, minutes=local.minute)
    passed += dt.timedelta(seconds=local.second, microseconds=local.microsecond)
    if not is_working_day(day):
        day, passed = next_working_day(day), dt.timedelta()
    left = dt.timedelta(hours=hours)
    while left > dt.timedelta(days=1) - passed:
        left -= dt.timedelta(days=1) - passed
        day, passed = next_working_day(day), dt.timedelta()
    midnight = dt.datetime.combine(day, dt.time(), PARIS)
    return midnight + passed + left
