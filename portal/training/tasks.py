"""What the clock does for training."""

from celery import shared_task

from portal.training import reminders, visitors


@shared_task
def remind() -> None:
    """Write the reminders that are due."""
    reminders.remind()


@shared_task
def purge_visitors() -> None:
    """Forget visitors who never confirmed, or who came long ago."""
    visitors.purge()
