"""How long a structure has waited for an answer, against what is promised."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from knowledge.support.models import SupportRequest
from portal.days import working_days_between


def days(request: SupportRequest) -> int | None:
    """Return the working days that a structure has waited; none where it does not wait."""
    if request.waiting_since is None:
        return None
    return working_days_between(_day(request.waiting_since), timezone.localdate())


def is_late(request: SupportRequest) -> bool:
    """Return whether the structure waits for longer than promised."""
    return (days(request) or 0) > settings.SUPPORT_ANSWER_DAYS


def in_words(request: SupportRequest) -> str:
    """Return how long a structure has waited: ``3 jours ouvrés, en retard``."""
    waited = days(request)
    if waited is None:
        return ""
    plural = "s" if waited > 1 else ""
    text = f"{waited}\u00a0jour{plural} ouvré{plural}" if waited else "Depuis aujourd’hui"
    return f"{text}, en retard" if is_late(request) else text


def kept(asked: dt.datetime, answered: dt.datetime) -> bool:
    """Return whether an answer came within the promised delay."""
    return working_days_between(_day(asked), _day(answered)) <= settings.SUPPORT_ANSWER_DAYS


def _day(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()
