"""The header's personal part, drawn once for the same words and kept in the process.

The template is given nothing but a `Shown`, which is the key under which the drawing is kept:
whatever it writes about somebody is in that key, so that nobody can get another's. The token of
the forms comes in afterwards; a part without a form asks for none.
"""

import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.safestring import SafeString

TEMPLATE = "components/personal.html"
#: Where the page itself is marked as the current one.
LINKS = frozenset({"/panier/", "/connexion/"})
KEPT = 1024  # visitors, some 3 kB each
#: Stands where the token goes; nobody's name can hold it.
PLACE = f"token{secrets.token_hex(16)}"


@dataclass(frozen=True)
class Place:
    """A structure, as the menu shows it."""

    name: str
    uuid: str = ""


@dataclass(frozen=True)
class Shown:
    """All that the template knows of the visitor."""

    path: str = ""
    is_authenticated: bool = False
    name: str = ""
    structure: Place | None = None
    other_structures: tuple[Place, ...] = ()
    basket_count: int = 0
    has_backoffice: bool = False


def render(request: HttpRequest | None, visitor: Any) -> SafeString:
    """Return the HTML for a visitor.

    Args:
        request: for the path and the token of the forms; None on a page of an error.
        visitor: what `Shown` has, of `portal.pages.visitor`.
    """
    draw = _draw.__wrapped__ if settings.DEBUG else _draw
    html = draw(shown(request, visitor))
    if PLACE in html:
        html = html.replace(PLACE, get_token(request) if request is not None else "")
    return SafeString(html)


def shown(request: HttpRequest | None, visitor: Any) -> Shown:
    """Return what the template may know of a visitor."""
    path = request.path if request is not None and request.path in LINKS else ""
    if not visitor.is_authenticated:
        return Shown(path)
    # First of all: it reads the memberships and the basket in one statement.
    count = visitor.basket_count
    here = visitor.structure
    others = tuple(Place(str(one.name), str(one.uuid)) for one in visitor.other_structures)
    return Shown(
        path,
        is_authenticated=True,
        name=str(visitor.name),
        structure=Place(str(here.name)) if here else None,
        other_structures=others,
        basket_count=count,
        has_backoffice=bool(visitor.has_backoffice),
    )


@lru_cache(maxsize=KEPT)
def _draw(one: Shown) -> str:
    return str(get_template(TEMPLATE).render({"visitor": one, "csrf_token": PLACE}))
