"""What the clock does for pages."""

from celery import shared_task
from django.core.management import call_command

from portal.pages.models import MenuSettings
from portal.pages.watch import links, review

#: Seconds; below Celery's visibility timeout, or a second worker would begin the same night.
LINKS_TIME_LIMIT = 3000


@shared_task
def publish_scheduled() -> None:
    """Publish what is planned for now, and take away what expires, from the footer too."""
    call_command("publish_scheduled")
    MenuSettings.show()


@shared_task
def remind_reviews() -> None:
    """Tell editors what nobody has read again for long."""
    review.remind()


@shared_task(time_limit=LINKS_TIME_LIMIT)
def check_links() -> None:
    """Follow every link of what is published."""
    links.check()
