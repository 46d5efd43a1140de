"""What runs at night for the carnet."""

from celery import shared_task

from shop.handovers import retention


@shared_task
def purge_references() -> None:
    """Forget the references that are kept no longer."""
    retention.purge_references()
