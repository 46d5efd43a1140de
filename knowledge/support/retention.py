"""How long a request says what was asked: then its row stays, without anybody in it."""

import datetime as dt
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from knowledge.support.models import SupportAttachment, SupportMessage, SupportRequest
from knowledge.support.moves import change, locked
from knowledge.support.states import Actor, State
from portal.privacy.models import AuditEntry

BATCH: Final = 200  # requests of one transaction
ACTION: Final = "support.anonymised"


def close_silent() -> int:
    """Close what was answered and not written to since: nothing more is asked. Return how many."""
    before = timezone.now() - settings.SUPPORT_SILENT
    closed = 0
    for row in SupportRequest.objects.filter(state=State.ANSWERED).order_by("pk").iterator():
        with transaction.atomic():
            fresh = locked(row)
            if fresh.state == State.ANSWERED and _last_word(fresh) < before:
                follows = fresh.assigned_to
                change(fresh, State.SOLVED, by=None, actor=Actor.CLOCK, assigned_to=follows)
                closed += 1
    return closed


def _last_word(row: SupportRequest) -> dt.datetime:
    """Return when the thread's last event or public message was."""
    event = row.events.latest("pk")
    return max(event.at, *row.messages.filter(is_note=False).values_list("at", flat=True))


def anonymise() -> int:
    """Take texts, files and partners out of what was solved longer ago than it is kept.

    Batches of `BATCH`, one transaction each, with its row in the audit trail: killed at any
    moment, what is done is told, and the next run goes on. Rows that somebody else holds are left
    to the next run.

    Returns:
        How many requests.
    """
    before = timezone.now() - settings.SUPPORT_KEPT
    total = 0
    while True:
        with transaction.atomic():
            due = SupportRequest.objects.filter(
                state=State.SOLVED, solved_at__lt=before, anonymised_at__isnull=True
            ).order_by("pk")
            keys = list(
                due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH]
            )
            if not keys:
                return total
            _blank(keys)
            AuditEntry.objects.create(
                action=ACTION,
                target_type=SupportRequest._meta.label_lower,
                details={"count": len(keys), "before": before.isoformat()},
            )
        total += len(keys)


def _blank(keys: list[int]) -> None:
    now = timezone.now()
    SupportAttachment.objects.filter(message__request__in=keys).delete()
    written = SupportMessage.objects.filter(request__in=keys)
    written.update(body="")
    written.filter(from_team=False).update(by=None)
    for row in SupportRequest.objects.filter(pk__in=keys):
        row.events.filter(by=row.created_by).update(by=None)
    SupportRequest.objects.filter(pk__in=keys).update(
        title="", created_by=None, about_kind="", about_uuid=None, anonymised_at=now
    )
