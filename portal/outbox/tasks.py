"""Celery's part: the relay that commits wake, and the sweep that forgets nothing."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from portal.outbox import retention
from portal.outbox.services import deliver_due

#: Where the sweep leaves the time of its last run; `/sante/pret/` reads it.
HEARTBEAT = "outbox:heartbeat"


@shared_task
def relay() -> None:
    """Deliver what is due now."""
    deliver_due()


@shared_task
def sweep() -> None:
    """Deliver what a lost wake-up left behind, and show that beat and worker are alive."""
    deliver_due()
    cache.set(HEARTBEAT, timezone.now().timestamp(), timeout=3600)


@shared_task
def purge_journal() -> None:
    """Forget what was written to whom long ago."""
    retention.forget_old()
