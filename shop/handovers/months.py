"""A month in an address: ``2026-11``."""

import datetime as dt
import re

from django.utils import timezone

from portal.ui.errors import DomainError
from portal.ui.forms import MONTHS

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


class UnknownMonth(DomainError):
    """The text is no month."""

    default_code = "unknown_month"
    default_message = (
        "Ce mois n’existe pas. Il s’écrit avec l’année d’abord, par exemple 2026-11\u00a0; voici "
        "le mois en cours."
    )


def parse(text: str) -> dt.date:
    """Return the first day of a month; that of the current one where ``text`` is empty.

    Raises:
        UnknownMonth: it is no month, or it is absurd.
    """
    if not text:
        return this_month()
    found = _MONTH.fullmatch(text)
    if not found:
        raise UnknownMonth
    year, month = int(found[1]), int(found[2])
    if not (2000 <= year <= this_month().year + 1 and 1 <= month <= 12):
        raise UnknownMonth
    return dt.date(year, month, 1)


def this_month() -> dt.date:
    """Return the first day of the current month, Europe/Paris."""
    return timezone.localdate().replace(day=1)


def following(month: dt.date) -> dt.date:
    """Return the first day of the next month."""
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def previous(month: dt.date) -> dt.date:
    """Return the first day of the month before."""
    return (month.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def written(month: dt.date) -> str:
    """Return ``2026-11``."""
    return f"{month:%Y-%m}"


def named(month: dt.date) -> str:
    """Return ``novembre 2026``, non-breaking."""
    return f"{MONTHS[month.month - 1]}\u00a0{month.year}"
