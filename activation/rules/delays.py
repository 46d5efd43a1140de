"""Delays in hours, working hours and working days, Europe/Paris.

Working days are those of `portal.days`. A working hour is any hour of a working day: « 48 heures
ouvrées » from Friday 15:00 ends on Tuesday 15:00.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from portal import days as working
from portal.days import is_working_day, next_working_day

PARIS = ZoneInfo("Europe/Paris")


def add_working_days(start: dt.datetime, days: int) -> dt.datetime:
    """Return the same time of day, ``days`` working days after ``start`` (aware)."""
    local = start.astimezone(PARIS)
    return dt.datetime.combine(working.add_working_days(local.date(), days), local.timetz())


def working_time(start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Return how long of the time from ``start`` to ``end`` (aware) fell in working days.

    The inverse of `add_working_hours`; nothing where ``end`` comes first.
    """
    first, last = start.astimezone(PARIS), end.astimezone(PARIS)
    if last <= first:
        return dt.timedelta()
    between = working.working_days_between(first.date(), last.date())
    days = between - is_working_day(last.date()) + is_working_day(first.date())
    whole = dt.timedelta(days=days)
    if is_working_day(first.date()):
        whole -= _since_midnight(first)
    if is_working_day(last.date()):
        whole += _since_midnight(last)
    return whole


def _since_midnight(local: dt.datetime) -> dt.timedelta:
    passed = dt.timedelta(hours=local.hour, minutes=local.minute)
    return passed + dt.timedelta(seconds=local.second, microseconds=local.microsecond)


def add_working_hours(start: dt.datetime, hours: int) -> dt.datetime:
    """Return the moment when ``hours`` hours of working days have passed since ``start`` (aware).

    The clock changes on Sundays, never within a working day: wall-clock hours are exact.
    """
    local = start.astimezone(PARIS)
    day, passed = local.date(), _since_midnight(local)
    if not is_working_day(day):
        day, passed = next_working_day(day), dt.timedelta()
    left = dt.timedelta(hours=hours)
    while left > dt.timedelta(days=1) - passed:
        left -= dt.timedelta(days=1) - passed
        day, passed = next_working_day(day), dt.timedelta()
    midnight = dt.datetime.combine(day, dt.time(), PARIS)
    return midnight + passed + left
