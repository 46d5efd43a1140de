"""Assistance requests on a structure's page in the back office."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from knowledge.support.models import SupportRequest
from portal.structures.desk import Task
from portal.structures.file import FilePanel, register, register_acts, register_count
from portal.structures.models import Structure

NEWEST = 5
_SENTENCES = {
    "support.new": "Demande d’assistance envoyée",
    "support.in_progress": "Demande d’assistance prise en charge",
    "support.answered": "Demande d’assistance\u00a0: réponse envoyée",
    "support.solved": "Demande d’assistance résolue",
}


@register("60-support")
def support(structure: Structure) -> FilePanel:
    """Show the last requests, and ask for the answers that are waited for. Two queries."""
    mine = SupportRequest.objects.filter(structure=structure)
    tasks = [
        Task(
            f"Demande d’assistance {one.reference}\u00a0: réponse attendue",
            reverse("support_requests:detail", args=[one.uuid]),
        )
        for one in mine.waiting().by_wait().defer("title")
    ]
    shown = list(mine[:NEWEST])
    return FilePanel(
        "Assistance", "knowledge/support/gestion/file.html", {"requests": shown}, tasks
    )


@register_count("support")
def waiting() -> Mapping[int, int]:
    """Count the requests that wait for an answer."""
    found = SupportRequest.objects.waiting().order_by()
    return dict(found.values_list("structure").annotate(number=Count("pk")))


@register_acts("support", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure's requests."""
    return [SupportRequest.objects.filter(structure=structure)]
