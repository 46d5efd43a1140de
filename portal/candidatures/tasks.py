"""Housekeeping of candidatures."""

from celery import shared_task

from portal.candidatures import services


@shared_task
def purge_drafts() -> None:
    """Delete the abandoned drafts."""
    services.purge_drafts()
