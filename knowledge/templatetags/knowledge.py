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
_KEPT = "_useful_numbers_digits"


@register.simple_tag(takes_context=True)
def tappable(context: Context, text: str) -> SafeString:
    """``{% tappable question.answer %}``: rich text where a useful number in bold can be tapped.

    In bold only: « 123 Mo » is no phone number. The list is read once a request.

    Args:
        text: as the database holds it.
    """
    request: Any = getattr(context, "request", None)
    known: set[str] | None = getattr(request, _KEPT, None)
    if known is None:
        live = UsefulNumber.objects.live().values_list("number", flat=True)
        known = {_dialled(number) for number in live}
        if request is not None:
            setattr(request, _KEPT, known)

    def linked(found: re.Match[str]) -> str:
        phone = _dialled(found[2])
        return f'<a href="tel:{phone}">{found[0]}</a>' if phone in known else found[0]

    # Wagtail's own markup, and digits.
    return mark_safe(_BOLD.sub(linked, str(richtext(text))))  # noqa: S308


def _dialled(number: str) -> str:
    return re.sub(r"\s", "", number)


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
