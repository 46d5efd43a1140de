"""What the clock does for training."""

from celery import shared_task

from portal.training import reminders


@shared_task
def remind() -> None:
    """Write the reminders that are due."""
    reminders.remind()
