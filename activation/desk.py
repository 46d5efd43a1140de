"""The activations on the dashboard of MON COMPTE."""

from django.db.models import Count, Q
from django.urls import reverse

from activation.models import ActivationRequest
from activation.states import OPEN, State
from portal.structures.desk import Panel, Task, register
from portal.structures.models import Membership


@register("activations")
def activations(membership: Membership) -> Panel:
    """Count what is on its way at SFR's, and ask for what is to be corrected. One query."""
    found = ActivationRequest.objects.filter(structure=membership.structure_id).aggregate(
        to_correct=Count("pk", filter=Q(state=State.TO_CORRECT)),
        underway=Count("pk", filter=Q(state__in=OPEN - {State.TO_CORRECT})),
    )
    return Panel(
        title="Activations en cours",
        template="activation/desk.html",
        context=found,
        tasks=_tasks(found["to_correct"]),
    )


def _tasks(to_correct: int) -> list[Task]:
    if not to_correct:
        return []
    plural = "s" if to_correct > 1 else ""
    return [
        Task(
            f"{to_correct} demande{plural} d’activation à corriger",
            reverse("activation:list"),
        )
    ]
