"""Celery's part: the relay that commits wake, and the sweep that forgets nothing."""

from celery import Task, shared_task
from django.core.cache import cache
from django.utils import timezone

from portal.outbox import retention
from portal.outbox.services import deliver_due, wake_again

#: Where the sweep leaves the time of its last run; `/sante/pret/` reads it.
HEARTBEAT = "outbox:heartbeat"


@shared_task(bind=True)
def relay(self: Task[..., None]) -> None:
    """Deliver what is due now, and come back for what is left: other tasks have their turn."""
    tried = deliver_due()
    if not self.request.is_eager:  # one within the other, thousands deep
        wake_again(tried)


@shared_task
def sweep() -> None:
    """Deliver what a lost wake-up left behind, and show that beat and worker are alive."""
    wake_again(deliver_due())
    cache.set(HEARTBEAT, timezone.now().timestamp(), timeout=3600)


@shared_task
def purge_journal() -> None:
    """Forget what was written to whom long ago."""
    retention.forget_old()
