"""Housekeeping of what editors write."""

from celery import shared_task

from knowledge import faq_use, site_index


@shared_task
def purge_faq() -> None:
    """Delete what was counted or said of the FAQ a year ago."""
    faq_use.purge()


@shared_task
def catch_up() -> None:
    """Write what the search of the site does not know yet."""
    site_index.catch_up()
