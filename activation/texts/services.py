"""Keeping a text: checked, with a trail that gives the former words back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from activation.models import EmailText, Reason, SmsText
from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.privacy.services import record

Words = SmsText | EmailText | Reason
FIELDS: dict[type[Words], tuple[str, ...]] = {
    SmsText: ("body",),
    EmailText: ("subject", "body"),
    Reason: ("kind", "label", "text", "is_active"),
}
_STEPS = {"monter": -1, "descendre": 1}


@dataclass(frozen=True)
class Former:
    """Words that were replaced: when, by whom, and what they were, field by field."""

    entry: AuditEntry
    words: list[tuple[str, str]]


@transaction.atomic
def save(row: Words, *, by: User) -> bool:
    """Keep a text, and its former words in the trail; return False where nothing changed.

    Raises:
        ValidationError: the text would not do.
    """
    row.full_clean()
    model = type(row)
    kept = model._default_manager.select_for_update().filter(pk=row.pk).first()
    words = {name: getattr(kept, name) for name in FIELDS[model]} if kept else {}
    before = {name: old for name, old in words.items() if old != getattr(row, name)}
    if kept and not before:
        return False
    if not kept and isinstance(row, Reason):
        last = Reason.objects.filter(kind=row.kind).aggregate(last=Max("sort_order"))["last"]
        row.sort_order = 0 if last is None else last + 1
    row.save()
    action = "changed" if kept else "added"
    record(by=by, action=f"activation.{model._meta.model_name}_{action}", target=row, before=before)
    return True


def history(row: Words, last: int = 5) -> list[Former]:
    """Return the words that were replaced, newest first."""
    entries = AuditEntry.objects.filter(
        action=f"activation.{row._meta.model_name}_changed",
        target_type=row._meta.label_lower,
        target_id=str(row.pk),
    )
    found = entries.select_related("by").order_by("-pk")[:last]
    return [Former(entry, _told(row, entry.details["before"])) for entry in found]


@transaction.atomic
def shift(reason: Reason, way: str, *, by: User) -> None:
    """Move a reason up or down among those of its kind; at the end it stays.

    Args:
        reason: which one.
        way: ``monter`` or ``descendre``.
        by: who moves it.
    """
    rows = list(Reason.objects.select_for_update().filter(kind=reason.kind))
    here = [row.pk for row in rows].index(reason.pk)
    there = min(max(here + _STEPS[way], 0), len(rows) - 1)
    if there == here:
        return
    rows.insert(there, rows.pop(here))
    for rank, row in enumerate(rows):
        row.sort_order = rank
    Reason.objects.bulk_update(rows, ["sort_order"])
    record(by=by, action="activation.reason_moved", target=reason, way=way)


def _told(row: Words, before: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return former values with the names of their fields, as a page says them."""
    told = {"True": "oui", "False": "non", **{kind.value: kind.label for kind in Reason.Kind}}
    names = {field.name: str(field.verbose_name) for field in row._meta.concrete_fields}
    return [(names[name], str(told.get(str(old), old))) for name, old in before.items()]
