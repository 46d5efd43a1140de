"""``{% load knowledge %}``."""

import json
import re
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html
from wagtail.templatetags.wagtailcore_tags import richtext

from knowledge.models import FaqQuestion, UsefulNumber
from portal.telecom.numbers import dialled

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


_BOLD = re.compile(r"<(b|strong)>(\+?[0-9][0-9 \u00a0\u202f]*)</\1>(?![^<]*</a>)")
_KEPT = "_useful_numbers_in_texts"


@register.simple_tag(takes_context=True)
def tappable(context: Context, text: Any) -> SafeString:
    """``{% tappable question.answer %}``: rich text whose useful numbers in bold follow the list.

    They can be tapped, and tell the number of today where the list's has changed since the text
    was written. In bold only: « 123 Mo » is no phone number. The list is read once a request.

    Args:
        text: as the database holds it.
    """
    request: Any = getattr(context, "request", None) or context.get("request")
    known: dict[str, str] | None = getattr(request, _KEPT, None)
    if known is None:
        known = UsefulNumber.in_texts()
        if request is not None:
            setattr(request, _KEPT, known)

    def linked(found: re.Match[str]) -> str:
        written = dialled(found[2])
        phone = known.get(written, "")
        if not phone:
            return found[0]
        shown = found[2] if dialled(phone) == written else phone
        return f'<a href="tel:{dialled(phone)}"><{found[1]}>{shown}</{found[1]}></a>'

    # Wagtail's own markup, and digits.
    return mark_safe(_BOLD.sub(linked, str(richtext(text))))  # noqa: S308


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
