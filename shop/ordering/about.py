"""Orders, as something that an assistance request points at."""

from uuid import UUID

from django.urls import reverse

from portal.structures.about import PROPOSED, Provider, Thing, register
from portal.structures.models import Membership
from portal.ui.templatetags.french import moment
from shop.ordering.models import PlacedOrder


def _choices(membership: Membership) -> list[Thing]:
    found = PlacedOrder.objects.visible_to(membership).select_related("order")
    return [_thing(one) for one in found[:PROPOSED]]


def _resolve(structure: int, uuid: UUID) -> Thing | None:
    found = PlacedOrder.objects.filter(structure=structure, uuid=uuid).select_related("order")
    return next(map(_thing, found), None)


def _thing(placed: PlacedOrder) -> Thing:
    return Thing(
        uuid=placed.uuid,
        label=f"Commande n°\u00a0{placed.order.number}, {moment(placed.placed_at)}",
        path=reverse("shop:order", args=[placed.uuid]),
        desk_path=reverse("commandes:detail", args=[placed.uuid]),
    )


register("order", Provider("Commandes", _choices, _resolve))
