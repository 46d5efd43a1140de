"""Periodic work."""

from celery import shared_task
from django.utils import timezone

from shop.billing import runs
from shop.billing.alerts import count_again
from shop.billing.payments import reminders
from shop.handovers.months import previous, this_month


@shared_task
def open_last_month() -> None:
    """Prepare the invoices of the month that is over."""
    runs.open_month(previous(this_month()))


@shared_task
def reconcile() -> None:
    """Check at night that invoices and orders agree, and raise the alarm if not."""
    count_again(night=timezone.localdate())


@shared_task
def remind() -> None:
    """Remind structures of the invoices that they have not paid."""
    reminders.remind()
