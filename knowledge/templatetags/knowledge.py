"""``{% load knowledge %}``."""

import json
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from knowledge.models import FaqQuestion, UsefulNumber

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


#: What would end the element, or begin another, inside a script (as `json_script` does).
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag
def faq_data(shown: FaqQuestion | list[dict[str, Any]]) -> SafeString:
    """``{% faq_data question %}``: schema.org's ``FAQPage`` of what the page shows.

    Data and no script: the page's security policy lets it through, and no browser runs it.

    Args:
        shown: a question, or the sections of the FAQ, each with its ``questions``.
    """
    if isinstance(shown, FaqQuestion):
        questions = [shown]
    else:
        questions = [question for section in shown for question in section["questions"]]
    if not questions:
        return SafeString("")
    data = {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "name": one.question,
                "acceptedAnswer": {"@type": "Answer", "text": expand_db_html(one.answer)},
            }
            for one in questions
        ],
    }
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text),  # noqa: S308  (escaped above)
    )
