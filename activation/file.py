"""Requests to activate a SIM card on a structure's page in the back office: counts, no person."""

from typing import Any

from django.db.models import Count, QuerySet

from activation.models import ActivationRequest
from activation.states import State
from portal.structures.file import FilePanel, register, register_acts
from portal.structures.models import Structure

_SENTENCES = {
    f"activation.{state}": f"Demande d’activation\u00a0: {label.lower()}"
    for state, label in State.choices
}


@register("50-activations")
def activations(structure: Structure) -> FilePanel:
    """Count the requests by state. One query."""
    mine = ActivationRequest.objects.filter(structure=structure).order_by()
    found = dict(mine.values_list("state").annotate(number=Count("pk")))
    counts = [(label, found[state]) for state, label in State.choices if state in found]
    return FilePanel("Activations", "activation/gestion/file.html", {"counts": counts})


@register_acts("activations", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure's requests."""
    return [ActivationRequest.objects.filter(structure=structure)]
