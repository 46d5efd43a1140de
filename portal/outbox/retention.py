"""How long the journal says what was written to whom: the rows stay, emptied."""

from collections.abc import Collection, Iterator

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Left
from django.utils import timezone

from portal.outbox.models import JournalEntry, OutboxMessage
from portal.privacy.fields import filled

_BATCH = 1000
_EMPTY = dict.fromkeys(("recipient", "subject", "text"), "")
#: A key is the message's uuid, followed by a number where it was sent again.
_UUID = 36


def forget_old() -> int:
    """Empty the journal's entries that are older than `JOURNAL_KEPT`; return how many.

    Batches of one transaction each: stopped, it goes on the next time.
    """
    old = JournalEntry.objects.filter(at__lt=timezone.now() - settings.JOURNAL_KEPT)
    done = 0
    while found := list(_readable(old).values_list("pk", flat=True)[:_BATCH]):
        done += JournalEntry.objects.filter(pk__in=found).update(**_EMPTY)
    return done


def forget(name: str, values: Collection[str]) -> int:
    """Empty the entries of messages about some objects, in the caller's transaction.

    Args:
        name: of the payload's entry, such as ``request``.
        values: what it holds.
    """
    return sum(_readable(one).update(**_EMPTY) for one in _entries(name, values))


def about(name: str, value: str) -> list[JournalEntry]:
    """Return the entries of messages about one object, the oldest first."""
    found = [entry for part in _entries(name, [value]) for entry in part]
    return sorted(found, key=lambda entry: entry.pk)


def _entries(name: str, values: Collection[str]) -> Iterator[QuerySet[JournalEntry]]:
    messages = OutboxMessage.objects.annotate(named=KT(f"payload__{name}"))
    keys = [str(one) for one in messages.filter(named__in=values).values_list("uuid", flat=True)]
    entries = JournalEntry.objects.annotate(message=Left("key", _UUID)).order_by()
    for start in range(0, len(keys), _BATCH):
        yield entries.filter(message__in=keys[start : start + _BATCH])


def _readable(entries: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
    return entries.filter(filled("recipient") | filled("subject") | filled("text"))
