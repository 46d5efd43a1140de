"""What each part says of a structure to a référent, without the parts knowing each other.

An app that has something to say on a structure's page in the back office has a module ``file``,
which is imported when Django starts. It may register

* a panel: what it knows of the structure, and what waits for a référent there;
* a count: how much waits in each structure, all of them at once, so that the list of structures
  costs the same whatever their number;
* acts: which of its objects are the structure's, and the sentences of what was done to them.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from portal.structures.desk import Task
from portal.structures.models import Structure
from portal.ui.registry import keeper


@dataclass(frozen=True)
class FilePanel:
    """A part's section: its template, drawn with its context, and what waits for a référent.

    Without a ``template`` there are only tasks.
    """

    title: str = ""
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    waiting: list[Task] = field(default_factory=list)


Provider = Callable[[Structure], FilePanel]
#: How many things wait for a référent, by structure; those where nothing waits are left out.
Count = Callable[[], Mapping[int, int]]
#: Objects that belong to the structure.
Owned = Callable[[Structure], list[QuerySet[Any]]]

_providers: dict[str, Provider] = {}
_counts: dict[str, Count] = {}
_owned: dict[str, Owned] = {}
#: What the audit trail's actions are called on screen.
SENTENCES: dict[str, str] = {}


def register(key: str) -> Callable[[Provider], Provider]:
    """Register a panel under ``key``; panels come in the order of their keys.

    Raises:
        ValueError: the key is taken.
    """
    return keeper(_providers, key)


def register_count(key: str) -> Callable[[Count], Count]:
    """Register a count under ``key``. One query, whatever the number of structures.

    Raises:
        ValueError: the key is taken.
    """
    return keeper(_counts, key)


def register_acts(key: str, sentences: Mapping[str, str]) -> Callable[[Owned], Owned]:
    """Register the objects of a structure that acts are done to.

    Args:
        key: of the part.
        sentences: what to show, by action of the audit trail; other actions are not shown.

    Raises:
        ValueError: the key is taken.
    """
    SENTENCES.update(sentences)
    return keeper(_owned, key)


def panels(structure: Structure) -> list[FilePanel]:
    """Return what every part has to say of a structure."""
    return [_providers[key](structure) for key in sorted(_providers)]


def waiting() -> dict[int, int]:
    """Return how many things wait for a référent, by structure."""
    total: Counter[int] = Counter()
    for count in _counts.values():
        total.update(count())
    return dict(total)


def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return every object that is the structure's, a queryset for each kind."""
    return [rows for key in sorted(_owned) for rows in _owned[key](structure)]
