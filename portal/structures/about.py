"""What a partner may point at: an order, a number, an activation, without the parts knowing each
other.

An app that has such objects has a module ``about`` which registers a provider; it is imported
when Django starts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from portal.structures.models import Membership

#: How many objects of a kind are proposed, the newest first.
PROPOSED = 15


@dataclass(frozen=True)
class Thing:
    """An object of a structure's.

    Attributes:
        uuid: its public identifier.
        label: what people call it; never a recharge number's digits nor a person's name.
        path: its page for the structure.
        desk_path: its page in the back office.
    """

    uuid: UUID
    label: str
    path: str
    desk_path: str


@dataclass(frozen=True)
class Provider:
    """How the objects of a kind are found.

    Attributes:
        label: the kind in words, plural.
        choices: the newest objects that a member may point at, `PROPOSED` at most.
        resolve: an object of the structure of that key; none where it is another's, or is gone.
    """

    label: str
    choices: Callable[[Membership], list[Thing]]
    resolve: Callable[[int, UUID], Thing | None]


_providers: dict[str, Provider] = {}


def register(kind: str, provider: Provider) -> None:
    """Register the objects of a ``kind``: a short word, kept in the database.

    Raises:
        ValueError: the kind is taken.
    """
    if kind in _providers:
        raise ValueError(f"Two providers for {kind!r}.")
    _providers[kind] = provider


def choices(membership: Membership) -> list[tuple[str, str, list[Thing]]]:
    """Return what a member may point at: (kind, label, objects), kinds without any left out."""
    found = [(kind, one.label, one.choices(membership)) for kind, one in _providers.items()]
    return [group for group in found if group[2]]


def resolve(kind: str, uuid: UUID | None, *, structure: int) -> Thing | None:
    """Return an object of a structure, by its key; none where there is no such thing.

    Args:
        kind: as registered; anything else finds nothing.
        uuid: of the object.
        structure: key of the structure that it must belong to.
    """
    provider = _providers.get(kind)
    return provider.resolve(structure, uuid) if provider and uuid else None
