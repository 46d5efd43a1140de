"""Orders on a structure's page in the back office."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from portal.structures.file import FilePanel, register, register_acts
from portal.structures.models import Structure
from shop.ordering.models import PlacedOrder

NEWEST = 5
_SENTENCES = {
    "ordering.placed": "Commande passée",
    "ordering.cancelled": "Commande annulée",
}


@register("20-orders")
def orders(structure: Structure) -> FilePanel:
    """Show the last orders and count the rest. Two queries."""
    mine = PlacedOrder.objects.filter(structure=structure)
    counts = mine.order_by().aggregate(
        placed=Count("pk", filter=Q(cancelled_at__isnull=True)),
        cancelled=Count("pk", filter=Q(cancelled_at__isnull=False)),
    )
    newest = list(mine.select_related("order__user").with_units()[:NEWEST])
    return FilePanel("Commandes", "shop/gestion/file_orders.html", {"orders": newest, **counts})


@register_acts("orders", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure's orders."""
    return [PlacedOrder.objects.filter(structure=structure)]
