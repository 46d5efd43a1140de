"""The words of a ticket, a table for each language with the same entries in each.

Western digits everywhere: they are those of the phone's keypad. Dates are of the civil calendar,
with the month in words, so that day and month cannot be taken for each other.
"""

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from portal.documents import languages

FOLDER = Path(__file__).with_name("texts")
#: The numbers as the tables write them.
BALANCE, TOP_UP = "950", "952"
_DURATION = re.compile(r"([0-9]{1,4})\s+(jour|mois)s?\.?", re.IGNORECASE)


@dataclass(frozen=True)
class Words:
    """A language's table.

    Attributes:
        code: BCP 47 tag, which is also the file's name.
        name: the language in the language.
        dir: ``ltr`` or ``rtl``.
        date: how a date is put together: ``{day}``, ``{month}``, ``{year}``.
        first: how the first day of a month is written.
        months: their names, as a date has them.
        title, number, expires, qr, qr_code, numbers, keep: sentences of the ticket.
        days, months_long: how long the credit lasts, with ``{n}``.
        steps: how to recharge.
        labels: what the useful numbers are for, by phone number.
    """

    code: str
    name: str
    dir: str
    date: str
    first: str
    months: tuple[str, ...]
    title: str
    number: str
    expires: str
    days: str
    months_long: str
    steps: tuple[str, ...]
    qr: str
    qr_code: str
    numbers: str
    keep: str
    labels: dict[str, str]

    def telling(self, *, balance: str, top_up: str) -> "Words":
        """Return the same words with the numbers that editors publish for these two things."""

        def told(text: str) -> str:
            # Through marks: one number may become the other.
            marked = text.replace(BALANCE, "{balance}").replace(TOP_UP, "{top_up}")
            return marked.replace("{balance}", balance).replace("{top_up}", top_up)

        if (balance, top_up) == (BALANCE, TOP_UP):
            return self
        steps = tuple(told(step) for step in self.steps)
        return replace(self, steps=steps, qr=told(self.qr), qr_code=told(self.qr_code))

    def day(self, day: dt.date) -> str:
        """Write a date."""
        number = self.first if day.day == 1 else day.day
        return self.date.format(day=number, month=self.months[day.month - 1], year=day.year)

    def duration(self, french: str) -> str:
        """Translate « 30 jours » or « 2 mois ».

        Args:
            french: the validity that a référent wrote for the product.

        Returns:
            The sentence; empty where the text is anything else than a duration.
        """
        found = _DURATION.fullmatch(french.strip())
        if not found:
            return ""
        long = self.days if found[2].lower() == "jour" else self.months_long
        return long.format(n=int(found[1]))


@lru_cache
def words(code: str) -> Words:
    """Return the table of a language.

    Args:
        code: one of `languages.LANGUAGES`.
    """
    table = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    months, steps = tuple(table.pop("months")), tuple(table.pop("steps"))
    return Words(code=code, months=months, steps=steps, **table)


def chosen(code: str | None) -> Words:
    """Return the language that a person asked for, the first one where there is no such."""
    return words(languages.chosen(code))
