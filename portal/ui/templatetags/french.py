"""Template filters that write French as it is written; builtins, in every template."""

import datetime as dt
import re
from typing import Any

from django import template
from django.template.defaultfilters import date as django_date
from django.utils import timezone

from portal.ui.forms import MONTHS
from portal.ui.text import of

register = template.Library()

_FIRST = re.compile(rf"\b1(?=[ \u00a0](?:{'|'.join(MONTHS)})\b)")


@register.filter(name="date", expects_localtime=True, is_safe=False)
def date(value: Any, format_string: str | None = None) -> str:
    """``{{ day|date:"j F Y" }}``: Django's own, with « 1er » for the first of a month."""
    written: str = django_date(value, format_string)
    return _FIRST.sub("1er", written)


register.filter(of)


def moment(at: dt.datetime | None) -> str:
    """Return a moment in local time, as lists show it: ``1er mars 2026, 09:30``."""
    return date(timezone.localtime(at), "j F Y, H:i") if at else ""
