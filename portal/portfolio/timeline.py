"""Everything that was done to a structure and what is its own, newest first, in sentences.

States come from the log (`StructureEvent`), which keeps the reasons; other acts from the audit
trail. A page costs the same number of queries however long the story is.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.structures import file
from portal.structures.models import Agreement, Amendment, Structure, StructureEvent

_EVENT, _ENTRY = "event", "entry"
#: What the log's subjects and their states are called on screen.
_SUBJECTS = {
    "structure": ("Structure", dict(Structure.State.choices)),
    "convention": ("Convention", dict(Agreement.State.choices)),
    "avenant": ("Avenant", dict(Amendment.State.choices)),
    "candidature": (
        "Candidature",
        {
            "draft": "Brouillon",
            "submitted": "À étudier",
            "to_complete": "À compléter",
            "accepted": "Acceptée",
            "refused": "Refusée",
            "withdrawn": "Retirée",
        },
    ),
}


@dataclass(frozen=True)
class Act:
    """A line of the story."""

    at: dt.datetime
    sentence: str
    who: User | None
    reason: str


def story(structure: Structure) -> QuerySet[Any]:
    """Return the acts, newest first, as triples (moment, kind, key) to be cut into pages."""
    columns = ("at", "kind", "pk")
    events = StructureEvent.objects.filter(structure=structure).annotate(kind=Value(_EVENT))
    parts = [_entries(rows) for rows in file.owned(structure)]
    return (
        events.order_by()
        .values_list(*columns)
        .union(*(part.values_list(*columns) for part in parts), all=True)
        .order_by("-at", "-pk")
    )


def tell(keys: Sequence[tuple[dt.datetime, str, int]]) -> list[Act]:
    """Return the acts of a page of `story`, in its order. Two queries."""
    events = StructureEvent.objects.select_related("by").in_bulk(
        [pk for _, kind, pk in keys if kind == _EVENT]
    )
    entries = AuditEntry.objects.select_related("by").in_bulk(
        [pk for _, kind, pk in keys if kind == _ENTRY]
    )
    return [_event(events[pk]) if kind == _EVENT else _entry(entries[pk]) for _, kind, pk in keys]


def _entries(rows: QuerySet[Any]) -> QuerySet[AuditEntry]:
    """Return what the trail says of these objects, moves apart: the log tells those."""
    keys = rows.order_by().annotate(target=Cast("pk", CharField())).values("target")
    return (
        AuditEntry.objects.filter(
            action__in=list(file.SENTENCES),
            target_type=rows.model._meta.label_lower,
            target_id__in=keys,
        )
        .annotate(kind=Value(_ENTRY))
        .order_by()
    )


def _event(event: StructureEvent) -> Act:
    subject, words = _SUBJECTS.get(event.subject, (event.subject.capitalize(), {}))
    sentence = f"{subject}\u00a0: {words.get(event.now, event.now).lower()}"
    if event.was:
        sentence += f" (avant\u00a0: {words.get(event.was, event.was).lower()})"
    return Act(event.at, sentence, event.by, event.reason)


def _entry(row: AuditEntry) -> Act:
    return Act(row.at, file.SENTENCES[row.action], row.by, str(row.details.get("reason", "")))
