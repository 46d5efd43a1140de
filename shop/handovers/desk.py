"""What the carnet de remise asks for on the dashboard of MON COMPTE."""

from django.urls import reverse

from portal.structures.desk import Panel, Task, register
from portal.structures.models import Membership
from shop.handovers.services import to_note


@register("handovers")
def handovers(membership: Membership) -> Panel:
    """Ask to note the numbers that were shown and went to nobody yet. One query."""
    count = to_note(membership).count()
    if not count:
        return Panel()
    plural = "s" if count > 1 else ""
    text = f"{count} numéro{plural} affiché{plural} à noter dans le carnet de remise"
    return Panel(tasks=[Task(text, reverse("handovers:book"))])
