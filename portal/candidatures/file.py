"""What its candidature says on a structure's page in the back office."""

from typing import Any

from django.db.models import QuerySet

from portal.candidatures.models import Candidature
from portal.structures.file import FilePanel, register, register_acts
from portal.structures.models import Structure
from portal.structures.steps import steps

_SENTENCES = {
    "candidatures.submitted": "Candidature envoyée",
    "candidatures.to_complete": "Candidature à compléter",
    "candidatures.accepted": "Candidature acceptée",
    "candidatures.taken": "Candidature prise en main",
}


@register("01-candidature")
def candidature(structure: Structure) -> FilePanel:
    """Show the candidatures of the structure, and its eight steps."""
    found = list(structure.candidatures.order_by("-pk"))
    if not found:
        return FilePanel()
    return FilePanel(
        title="Candidature et étapes",
        template="candidatures/gestion/file.html",
        context={"candidatures": found, "steps": steps(structure)},
    )


@register_acts("candidatures", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the candidatures that became this structure."""
    return [Candidature.objects.filter(structure=structure)]
