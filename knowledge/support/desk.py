"""Assistance requests on the dashboard of MON COMPTE."""

from django.db.models import Count, Q
from django.urls import reverse

from knowledge.support.models import SupportRequest
from knowledge.support.states import WAITING, State
from portal.structures.desk import Panel, Task, register
from portal.structures.models import Membership


@register("support")
def support(membership: Membership) -> Panel:
    """Count what waits for an answer, and say what is answered. One query."""
    found = SupportRequest.objects.visible_to(membership).aggregate(
        waiting=Count("pk", filter=Q(state__in=WAITING)),
        answered=Count("pk", filter=Q(state=State.ANSWERED)),
    )
    count = found["answered"]
    plural = "s" if count > 1 else ""
    text = f"{count} demande{plural} d’assistance avec une réponse à lire"
    tasks = [Task(text, reverse("support:list"))] if count else []
    return Panel("Assistance", "knowledge/support/desk.html", found, tasks)
