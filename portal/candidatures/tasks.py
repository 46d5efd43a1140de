"""Housekeeping of candidatures."""

from celery import shared_task

from portal.candidatures import retention, services


@shared_task
def purge_drafts() -> None:
    """Delete the abandoned drafts."""
    services.purge_drafts()


@shared_task
def anonymise() -> None:
    """Forget who stood in what was refused or withdrawn long ago."""
    retention.anonymise()
