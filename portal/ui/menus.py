"""The links of the footer that editors choose.

Every page has a footer, and none may cost a query for it: whoever writes the links keeps them in
Redis (`keep`). Where Redis is away or has lost them, the first ones stand.

The six entries of the header are not among them: partners know them by their place (the deck).
Nor are the legal links of the footer: the law wants them on every page.
"""

from typing import NamedTuple

from django.core.cache import cache
from redis.exceptions import RedisError

KEY = "menus:footer"


class MenuLink(NamedTuple):
    """An entry: where it leads, and its words."""

    href: str
    label: str


FOOTER = (
    MenuLink("/points-accueil/", "Points d’accueil"),
    MenuLink("/devenir-relais/", "Devenir relais"),
    MenuLink("/rendez-vous/", "Rendez-vous"),
)


def keep(links: list[MenuLink]) -> None:
    """Show these links in the footer; none at all brings the first ones back."""
    try:
        cache.set(KEY, [tuple(link) for link in links], timeout=None)
    except (RedisError, OSError):
        return  # the clock tries again


def footer() -> list[MenuLink]:
    """Return the links of the footer, without a query."""
    try:
        kept = cache.get(KEY)
    except (RedisError, OSError):
        kept = None
    return [MenuLink(*entry) for entry in kept or FOOTER]
