"""What training asks for on the dashboard of MON COMPTE."""

from django.urls import reverse

from portal.structures.desk import Panel, Task, register
from portal.structures.models import Membership


@register("training")
def training(membership: Membership) -> Panel:
    """Ask whoever is not trained to choose a session. No query."""
    if membership.is_trained:
        return Panel()
    return Panel(tasks=[Task("Inscrivez-vous à une formation", reverse("training:index"))])
