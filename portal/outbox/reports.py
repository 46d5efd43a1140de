"""Delivery reports of the SMS provider: what became of a message that left."""

import re
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.utils import timezone

from portal.outbox.models import JournalEntry, OutboxMessage
from portal.outbox.services import give_up, tell
from portal.outbox.signatures import malformed, signed_by, text

Status = JournalEntry.Status
#: The provider's words.
WORDS = {
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "failed": Status.FAILED,
    "expired": Status.FAILED,
    "rejected": Status.FAILED,
}
#: A report counts where it says more than the last: repeats and stragglers change nothing, and
#: a message that arrived after all is no failure.
_RANK: dict[str, int] = {"": 0, **{status: rank for rank, status in enumerate(Status, 1)}}
_KEY = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.[0-9]{1,3})?")


@signed_by(lambda: settings.SMS_REPORT_SECRET)
def sms_report(content: dict[str, Any]) -> HttpResponse:
    """Take ``{key, status}``: 204, 404 for a key of nobody's, 400 for a word unknown.

    503 while the message is still being sent, for the provider to come back: its row is written
    once the provider's own answer was read.
    """
    try:
        key, word = text(content, "key"), text(content, "status").lower()
    except ValueError as error:
        return malformed(str(error))
    if word not in WORDS:
        return malformed(f"«\u00a0status\u00a0» est un mot parmi\u00a0: {', '.join(WORDS)}.")
    try:
        known = record_report(key, WORDS[word])
    except OperationalError:
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    return HttpResponse(status=204 if known else 404)


@transaction.atomic
def record_report(key: str, status: JournalEntry.Status) -> bool:
    """Write what the provider says of an SMS; return False where none left under ``key``.

    A message that failed is given up like one that could not be sent; one that arrives after all
    comes back from the dead.

    Raises:
        OperationalError: the message is being sent at this moment.
    """
    found = _KEY.fullmatch(key)
    if not found:
        return False
    message = OutboxMessage.objects.select_for_update(nowait=True).filter(uuid=found[1]).first()
    entries = JournalEntry.objects.select_for_update().defer("recipient", "subject", "text")
    entry = entries.filter(key=key, channel=JournalEntry.Channel.SMS).first()
    if message is None or entry is None:
        return False
    if _RANK[status] > _RANK[entry.status]:
        entry.status, entry.status_at = status, timezone.now()
        entry.save(update_fields=["status", "status_at"])
        _apply(status, message)
    return True


def _apply(status: JournalEntry.Status, message: OutboxMessage) -> None:
    if status is Status.FAILED and message.delivered_at:
        message.last_error = "DeliveryFailed"
        give_up(message)
        message.save()
    elif status is Status.DELIVERED and not message.delivered_at:
        message.dead_at, message.delivered_at, message.last_error = None, timezone.now(), ""
        message.save()
        tell(message)
