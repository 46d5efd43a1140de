"""What deliveries of SIM cards ask for on the dashboard of MON COMPTE, and tell of the steps."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from portal.structures.desk import Panel, Task, register
from portal.structures.models import Membership
from portal.structures.steps import Fact, register_fact
from shop.sims.models import Delivery
from shop.sims.states import State


@register("sims")
def sims(membership: Membership) -> Panel:
    """Ask to say that cards arrived, or to fetch them. One query."""
    left = Delivery.objects.filter(
        placed__structure=membership.structure_id, state__in=(State.SENT, State.READY)
    )
    count = left.count()
    if not count:
        return Panel()
    text = (
        "1 livraison de cartes SIM à réceptionner"
        if count == 1
        else f"{count} livraisons de cartes SIM à réceptionner"
    )
    return Panel(tasks=[Task(text, reverse("sims:cards"))])


@register_fact(Fact.CARDS)
def first_cards(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when each structure first had its cards in hand."""
    rows = Delivery.objects.filter(placed__structure__in=structures, received_at__isnull=False)
    days = rows.order_by().values_list("placed__structure").annotate(at=Min("received_at"))
    return {key: timezone.localdate(at) for key, at in days}
