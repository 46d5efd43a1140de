"""Tags of the style guide only."""

import re

from django import template
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
COMMENT = re.compile(r"{% comment %}(.*?){% endcomment %}", re.DOTALL)


@register.simple_tag
def parameters(name: str) -> SafeString:
    """``{% parameters "card" %}``: the comment on top of a component, as its documentation."""
    source = get_template(f"components/{name}.html").template.source  # type: ignore[attr-defined]
    found = COMMENT.search(source)
    return format_html(
        '<details class="disclosure doc"><summary><span>Paramètres de '
        "<code>components/{}.html</code></span></summary><pre>{}</pre></details>",
        name,
        found[1].strip() if found else "",
    )
