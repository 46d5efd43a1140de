"""``{% load accounts %}``: the account pages' own navigation."""

from typing import Any

from django import template
from django.urls import reverse

register = template.Library()

#: Name of the page, words, icon. A page below it is current too.
PAGES = (
    ("account_details", "Détails du compte", "user"),
    ("account_change_password", "Mot de passe", "lock-closed"),
    ("mfa_index", "Double authentification", "shield-check"),
    ("usersessions_list", "Mes connexions", "computer-desktop"),
)


@register.inclusion_tag("components/subnav.html", takes_context=True)
def personal_nav(context: template.Context) -> dict[str, Any]:
    """Render the pages of a person who belongs to no structure: staff, mostly."""
    here = context["request"].path
    return {
        "label": "Mon compte personnel",
        "items": [
            {
                "href": reverse(name),
                "label": label,
                "icon_name": icon,
                "current": here.startswith(reverse(name)),
            }
            for name, label, icon in PAGES
        ],
    }
