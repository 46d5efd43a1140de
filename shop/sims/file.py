"""Deliveries of SIM cards on a structure's page in the back office."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from portal.structures.desk import Task
from portal.structures.file import FilePanel, register, register_acts, register_count
from portal.structures.models import Structure
from shop.sims.models import Delivery
from shop.sims.states import State

NEWEST = 5
_SENTENCES = {
    "sims.prepared": "Cartes SIM préparées",
    "sims.card_removed": "Carte SIM retirée de la livraison",
    "sims.ready": "Cartes SIM prêtes à retirer",
    "sims.sent": "Cartes SIM envoyées",
    "sims.received": "Cartes SIM reçues",
    "sims.cancelled": "Livraison de cartes SIM annulée",
}


@register("40-sims")
def sims(structure: Structure) -> FilePanel:
    """Show the last deliveries, and ask for what is to be prepared. Two queries."""
    mine = Delivery.objects.filter(placed__structure=structure)
    shown = mine.select_related("placed__order")[:NEWEST]
    waiting = mine.filter(state=State.TO_PREPARE).order_by("pk")
    tasks = [
        Task(
            f"{one.units} carte{'s' if one.units > 1 else ''} SIM à préparer",
            reverse("sim_deliveries:detail", args=[one.uuid]),
        )
        for one in waiting
    ]
    return FilePanel(
        "Cartes SIM", "shop/gestion/file_sims.html", {"deliveries": list(shown)}, tasks
    )


@register_count("sims")
def to_prepare() -> Mapping[int, int]:
    """Count the deliveries that are to be prepared."""
    found = Delivery.objects.filter(state=State.TO_PREPARE).order_by()
    return dict(found.values_list("placed__structure").annotate(number=Count("pk")))


@register_acts("sims", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure's deliveries."""
    return [Delivery.objects.filter(placed__structure=structure)]
