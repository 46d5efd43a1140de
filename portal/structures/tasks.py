"""What runs at night for conventions and avenants."""

from celery import shared_task

from portal.structures.agreements import ending, reminders


@shared_task
def watch_agreements() -> None:
    """Note what is over, then remind of what will be."""
    ending.close_what_is_over()
    reminders.remind()
