"""Periodic work."""

from celery import shared_task
from django.utils import timezone

from shop.ordering.alerts import count_again


@shared_task
def reconcile() -> None:
    """Check at night that codes, orders, quotas and bills agree, and raise the alarm if not."""
    count_again(night=timezone.localdate())
