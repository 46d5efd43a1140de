"""The basket of a member: one open at a time for each of their structures."""

from django.db import IntegrityError, transaction
from django.db.models import Sum
from oscar.core.loading import get_model

from portal.structures.models import Membership
from shop.ordering.models import StructureBasket

Basket = get_model("basket", "Basket")
Line = get_model("basket", "Line")


def find_open(membership: Membership) -> StructureBasket | None:
    """Return the member's open basket, if they have one."""
    return (
        StructureBasket.objects.filter(
            owner=membership.user_id, structure=membership.structure_id, is_open=True
        )
        .select_related("basket")
        .first()
    )


def get_or_open(membership: Membership) -> StructureBasket:
    """Return the member's open basket, opening one where there is none.

    Two tabs may ask at once: the partial unique constraint lets one of them win, the other
    reads the winner's.
    """
    found = find_open(membership)
    if found:
        return found
    try:
        with transaction.atomic():
            basket = Basket.objects.create(owner_id=membership.user_id)
            return StructureBasket.objects.create(
                basket=basket, owner_id=membership.user_id, structure_id=membership.structure_id
            )
    except IntegrityError:
        return StructureBasket.objects.select_related("basket").get(
            owner=membership.user_id, structure=membership.structure_id, is_open=True
        )


def count_items(membership: Membership) -> int:
    """Return the number of articles in the member's open basket, in one query."""
    total = Line.objects.filter(
        basket__context__owner=membership.user_id,
        basket__context__structure=membership.structure_id,
        basket__context__is_open=True,
    ).aggregate(total=Sum("quantity"))["total"]
    return total or 0
