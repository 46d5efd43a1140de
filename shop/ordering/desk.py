"""What orders tell of a structure's first steps."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Min
from django.utils import timezone

from portal.structures.steps import Fact, register_fact
from shop.ordering.models import PlacedOrder


@register_fact(Fact.ORDERED)
def first_order(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when each structure first ordered, what was taken back left out."""
    rows = PlacedOrder.objects.filter(structure__in=structures, cancelled_at__isnull=True)
    days = rows.order_by().values_list("structure").annotate(at=Min("placed_at"))
    return {key: timezone.localdate(at) for key, at in days}
