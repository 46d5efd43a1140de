"""Tags and filters of the design system: ``{% load ui %}``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, MultiWidget
from django.forms.widgets import CheckboxSelectMultiple, RadioSelect
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags import heroicons

from portal.ui import menus
from portal.ui import personal as personal_part
from portal.ui.text import format_euros, format_phone, group_digits

register = template.Library()

# The six entries that partners know, in the order of the deck.
NAV_ENTRIES = (
    ("/ressources/", "Ressources"),
    ("/faq/", "FAQ"),
    ("/aide/", "Aide"),
    ("/offre-solidaire/", "Offre solidaire"),
    ("/activation-sim/", "Activation SIM"),
    ("/mon-compte/", "Mon compte"),
)

# MON COMPTE, in the order of the deck's screen, with the pages that were added to it.
ACCOUNT_ENTRIES = (
    ("/mon-compte/", "Tableau de bord", "squares-2x2"),
    ("/mon-compte/commandes/", "Commandes", "shopping-bag"),
    ("/mon-compte/recharges/", "Numéros de recharge", "hashtag"),
    ("/mon-compte/remises/", "Carnet de remise", "book-open"),
    ("/mon-compte/cartes-sim/", "Cartes SIM", "rectangle-stack"),
    ("/activation-sim/suivi/", "Activations", "signal"),
    ("/mon-compte/adresses/", "Adresses", "map-pin"),
    ("/mon-compte/equipe/", "Équipe", "user-group"),
    ("/mon-compte/factures/", "Factures", "document-currency-euro"),
    ("/mon-compte/formation/", "Formation", "academic-cap"),
    ("/mon-compte/convention/", "Convention", "document-text"),
    ("/mon-compte/assistance/", "Assistance", "lifebuoy"),
    ("/mon-compte/details/", "Détails du compte", "user"),
    ("/deconnexion/", "Déconnexion", "arrow-right-start-on-rectangle"),
)

#: Of those, what a structure's lead alone may open.
LEAD_ENTRIES = frozenset({"/mon-compte/factures/"})


@dataclass(frozen=True)
class AnonymousVisitor:
    """What the header shows when nobody is known to be there."""

    is_authenticated: bool = False
    name: str = ""
    structure: None = None
    other_structures: list[Any] = field(default_factory=list)
    basket_count: int = 0
    has_backoffice: bool = False


ANONYMOUS = AnonymousVisitor()


@register.filter
def euros(amount: object) -> str:
    """``{{ price|euros }}``: ``4,00 €``, non-breaking."""
    return format_euros(amount)


@register.filter
def grouped(code: object, size: int = 2) -> SafeString:
    """``{{ code|grouped }}``: the digits by pairs (``|grouped:5`` for an ICCID).

    The gaps are margins, not characters: what is selected and copied is the bare code.
    """
    groups = ((group,) for group in group_digits(code, int(size)))
    return format_html(
        '<span class="digits">{}</span>', format_html_join("", "<span>{}</span>", groups)
    )


@register.filter
def phone_fr(number: object) -> str:
    """``{{ phone|phone_fr }}``: E.164 to ``06 12 34 56 78``."""
    return format_phone(number)


@register.filter
def tel_uri(number: object) -> str:
    """``href="{{ number|tel_uri }}"``: a dialable address, without spaces."""
    return "tel:" + "".join(c for c in str(number) if c.isdigit() or c == "+")


@lru_cache(maxsize=256)
def _icon(name: str, style: str, size: int, css_class: str) -> SafeString:
    draw: Callable[..., str] = getattr(heroicons, f"heroicon_{style}")
    return mark_safe(  # noqa: S308 - drawn by the heroicons package from its own file
        draw(
            name,
            size=size,
            aria_hidden="true",
            focusable="false",
            **{"class": f"icon {css_class}".strip()},
        )
    )


@register.simple_tag
def icon(name: str, style: str = "outline", size: int = 24, css_class: str = "") -> SafeString:
    """``{% icon "shopping-bag" %}``: a decorative heroicon; the words beside it carry the meaning.

    Args:
        name: heroicon's name.
        style: ``outline``, ``solid``, ``mini`` or ``micro``.
        size: side, in CSS pixels.
        css_class: more classes.
    """
    return _icon(name, style, size, css_class)


@lru_cache(maxsize=64)
def _drawing(name: str) -> SafeString:
    found = finders.find(f"img/{name}.svg")
    if not isinstance(found, str):
        raise template.TemplateSyntaxError(f"No drawing static/img/{name}.svg")
    # Our own files, never an upload: safe to inline, so that they follow the colour scheme.
    return mark_safe(Path(found).read_text(encoding="utf-8").strip())  # noqa: S308


@register.simple_tag
def illustration(name: str, css_class: str = "") -> SafeString:
    """``{% illustration "home" %}``: inline one of our drawings, decorative, in the current scheme.

    Raises:
        TemplateSyntaxError: there is no such file in ``static/img/illustrations``.
    """
    drawing = _drawing(f"illustrations/{name}")
    return format_html(
        '<span class="illustration {}" aria-hidden="true">{}</span>', css_class, drawing
    )


@register.simple_tag
def logo(name: str = "wordmark") -> SafeString:
    """``{% logo %}``: inline the wordmark (``wordmark``) or the symbol alone (``symbol``)."""
    return _drawing(name)


@register.inclusion_tag("components/subnav.html", takes_context=True)
def account_nav(context: template.Context) -> dict[str, Any]:
    """Render the pages of MON COMPTE; the dashboard is current on its own page only."""
    request = context.get("request")
    path = getattr(request, "path", "")
    home = ACCOUNT_ENTRIES[0][0]
    membership = getattr(getattr(request, "visitor", None), "membership", None)
    is_lead = getattr(membership, "is_structure_lead", False)
    return {
        "label": "Mon compte",
        "items": [
            {
                "href": href,
                "label": label,
                "icon_name": icon_name,
                "current": path == href or (href != home and path.startswith(href)),
            }
            for href, label, icon_name in ACCOUNT_ENTRIES
            if is_lead or href not in LEAD_ENTRIES
        ],
    }


@register.inclusion_tag("components/nav.html", takes_context=True)
def site_nav(context: template.Context) -> dict[str, Any]:
    """Render the six entries. The current one depends on the path alone: it may be cached."""
    path = getattr(context.get("request"), "path", "")
    return {
        "entries": [
            {
                "href": href,
                "label": label,
                "current": ("page" if path == href else "true") if path.startswith(href) else "",
            }
            for href, label in NAV_ENTRIES
        ]
    }


@register.simple_tag
def footer_links(*, standing: bool = False) -> list[menus.MenuLink]:
    """``{% footer_links as links %}``; the first ones, asking nothing, where ``standing``."""
    return list(menus.FOOTER) if standing else menus.footer()


@register.simple_tag(takes_context=True)
def personal(context: template.Context) -> SafeString:
    """Render the part of the header that differs from one visitor to the next.

    It is one include, drawn without context processors, so that a cached page can have it
    replaced alone.
    ``request.visitor`` is filled elsewhere; without it the visitor is anonymous.
    """
    request: HttpRequest | None = context.get("request")
    return render_personal(request)


def render_personal(request: HttpRequest | None) -> SafeString:
    """Return the HTML of ``components/personal.html`` for this request."""
    visitor = getattr(request, "visitor", None) or ANONYMOUS
    return personal_part.render(request, visitor)


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm, title: str = "") -> dict[str, Any]:
    """``{% error_summary form %}``: every error of the form, each with a link to its field.

    Write it above ``{{ form }}``, which then leaves the general errors to it.
    """
    form.summary_shown = True  # type: ignore[attr-defined]
    entries = [
        {
            "href": f"#{error_target(bound)}",
            "label": str(bound.label).rstrip(" .:\u00a0"),
            "message": message,
        }
        for bound in form
        for message in bound.errors
    ]
    return {"entries": entries, "general": list(form.non_field_errors()), "title": title}


def error_target(bound: BoundField) -> str:
    """Return the id of the first control of a field: where a link of the summary lands."""
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple | MultiWidget):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(
    context: template.Context, page: "Page[Any]", label: str = "Pages", parameter: str = "page"
) -> dict[str, Any]:
    """``{% pagination page_obj %}``: links to the other pages, keeping the rest of the query.

    Args:
        context: the template's context, for ``request.GET``.
        page: a page of Django's paginator.
        label: accessible name, when a screen holds two paginations.
        parameter: name of the page number in the query string.
    """
    request = context.get("request")

    def address(number: int) -> str:
        query = request.GET.copy() if request is not None else QueryDict(mutable=True)
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "label": label,
        "items": [
            {
                "number": n,
                "href": address(n) if isinstance(n, int) else "",
                "current": n == page.number,
            }
            for n in numbers
        ],
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
    }
