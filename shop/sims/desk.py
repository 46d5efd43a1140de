"""What deliveries of SIM cards ask for on the dashboard of MON COMPTE."""

from django.urls import reverse

from portal.structures.desk import Panel, Task, register
from portal.structures.models import Membership
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
