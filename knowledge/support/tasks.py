"""Housekeeping of assistance requests."""

from celery import shared_task

from knowledge.support import retention


@shared_task
def tidy() -> None:
    """Close what nobody writes to any more, and forget who asked what is long solved."""
    retention.close_silent()
    retention.anonymise()
