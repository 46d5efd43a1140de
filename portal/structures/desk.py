"""What each part puts on the dashboard of MON COMPTE, without the parts knowing each other.

An app that has something to say there has a module ``desk`` which registers a provider; it is
imported when Django starts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.structures.models import Membership
from portal.ui.registry import keeper


@dataclass(frozen=True)
class Task:
    """Something that waits for the member; ``text`` is a sentence, ``href`` where it is done."""

    text: str
    href: str


@dataclass(frozen=True)
class Panel:
    """A part's section: its template, drawn with its context, and what it asks for.

    Without a ``template`` there are only tasks.
    """

    title: str = ""
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)


Provider = Callable[[Membership], Panel]
_providers: dict[str, Provider] = {}


def register(key: str) -> Callable[[Provider], Provider]:
    """Register a provider under ``key``; panels come in the order of their keys.

    Raises:
        ValueError: the key is taken.
    """
    return keeper(_providers, key, "the panel")


def panels(membership: Membership) -> list[Panel]:
    """Return what every part has to say to this member."""
    return [_providers[key](membership) for key in sorted(_providers)]
