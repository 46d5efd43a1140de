"""How long the journal says what was written to whom: the rows stay, emptied."""

from collections.abc import Collection, Iterable, Iterator

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
    return sum(_readable(one).update(**_EMPTY) for one in _entries(_messages(name, values)))


def about(name: str, values: Collection[str]) -> dict[str, list[JournalEntry]]:
    """Return the entries of messages about some objects, by what the payload's ``name`` holds."""
    of = _messages(name, values)
    found: dict[str, list[JournalEntry]] = {value: [] for value in values}
    for part in _entries(of):
        for entry in part.order_by("pk"):
            found[of[entry.key[:_UUID]]].append(entry)
    return found


def _messages(name: str, values: Collection[str]) -> dict[str, str]:
    """Return the keys of messages, each with what its payload's ``name`` holds."""
    named = OutboxMessage.objects.annotate(named=KT(f"payload__{name}"))
    found = named.filter(named__in=values).values_list("uuid", "named")
    return {str(key): value for key, value in found}


def _entries(messages: Iterable[str]) -> Iterator[QuerySet[JournalEntry]]:
    keys = list(messages)
    entries = JournalEntry.objects.annotate(message=Left("key", _UUID)).order_by()
    for start in range(0, len(keys), _BATCH):
        yield entries.filter(message__in=keys[start : start + _BATCH])


def _readable(entries: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
    return entries.filter(filled("recipient") | filled("subject") | filled("text"))
