"""``{% load telecom %}``: the useful numbers in our own sentences, from the editors' one list."""

from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.telecom.numbers import Purpose, UsefulNumber, by_purpose, dialled

register = template.Library()
_KEPT = "_numbers_by_purpose"


def _number(context: Context, purpose: str) -> UsefulNumber:
    """Return the number to call, read once a request whatever the page shows of them."""
    request: Any = getattr(context, "request", None) or context.get("request")
    told: dict[Purpose, UsefulNumber] | None = getattr(request, _KEPT, None)
    if told is None:
        told = by_purpose()
        if request is not None:
            setattr(request, _KEPT, told)
    return told[Purpose(purpose)]


@register.simple_tag(takes_context=True)
def useful_number(context: Context, purpose: str, *, plain: bool = False) -> SafeString | str:
    """``{% useful_number "rio" %}``: the number to call, tappable; ``plain=True``: its digits.

    Args:
        purpose: a value of `portal.telecom.numbers.Purpose`.

    Raises:
        ValueError: there is no such purpose.
    """
    phone = _number(context, purpose).phone
    if plain:
        return phone
    return format_html('<a href="tel:{}">{}</a>', dialled(phone), phone)


@register.inclusion_tag("components/useful_number.html", takes_context=True)
def useful_number_card(context: Context, purpose: str, label: str = "") -> dict[str, Any]:
    """``{% useful_number_card "rio" "pour obtenir le RIO" %}``: the button, and what it costs.

    Args:
        purpose: as above.
        label: what for, to who does not see what stands around.
    """
    number = _number(context, purpose)
    return {"number": number.phone, "label": label, "facts": number.facts}
