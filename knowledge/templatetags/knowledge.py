"""``{% load knowledge %}``."""

from typing import Any

from django import template

from knowledge.models import UsefulNumber

register = template.Library()


@register.inclusion_tag("knowledge/useful_numbers.html")
def useful_numbers(provider: str = "", level: int = 3) -> dict[str, Any]:
    """``{% useful_numbers %}``: the published useful numbers, tappable; the one source.

    Args:
        provider: ``sfr``, ``emmaus`` or ``other``; all of them by default.
        level: heading level, for the title that stands above.
    """
    numbers = UsefulNumber.objects.live()
    if provider:
        numbers = numbers.filter(provider=provider)
    return {"numbers": numbers, "level": level}
