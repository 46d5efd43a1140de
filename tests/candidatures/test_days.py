"""Working days over the holidays that everybody forgets."""

import datetime as dt

import pytest

from portal.days import add_working_days, is_working_day, working_days_between


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-23", 5, "2026-11-30"),  # a plain week
        ("2026-11-27", 1, "2026-11-30"),  # Friday to Monday
        ("2026-11-28", 1, "2026-11-30"),  # from a Saturday
        ("2026-04-03", 1, "2026-04-07"),  # Easter: Good Friday is worked, Monday is not
        ("2026-04-01", 5, "2026-04-09"),
        ("2026-07-13", 1, "2026-07-15"),  # 14 July, a Tuesday
        ("2026-07-10", 3, "2026-07-16"),
        ("2026-12-24", 1, "2026-12-28"),  # Christmas, a Friday
        ("2026-12-23", 5, "2026-12-31"),
        ("2026-12-31", 1, "2027-01-04"),  # New Year's Day, a Friday
    ],
)
def test_working_days_leave_out_weekends_and_public_holidays(
    start: str, days: int, end: str
) -> None:
    assert add_working_days(day(start), days) == day(end)
    assert working_days_between(day(start), day(end)) == days


@pytest.mark.parametrize("holiday", ["2026-04-06", "2026-05-14", "2026-05-25", "2026-11-11"])
def test_a_public_holiday_is_no_working_day(holiday: str) -> None:
    assert is_working_day(day(holiday)) is False


def test_nothing_passed_before_the_beginning() -> None:
    assert working_days_between(day("2026-11-23"), day("2026-11-20")) == 0
