"""Housekeeping of what people read."""

from celery import shared_task

from knowledge.reading import services


@shared_task
def purge() -> None:
    """Forget old readings, and those of closed accounts."""
    services.purge()
