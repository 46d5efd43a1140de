"""Recharge numbers, as something that an assistance request points at: never their digits."""

from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from portal.structures.about import PROPOSED, Provider, Thing, register
from portal.structures.models import Membership
from portal.ui.templatetags.french import moment
from shop.recharges.models import RechargeCode


def _found() -> QuerySet[RechargeCode]:
    """Return the numbers without what is encrypted."""
    return RechargeCode.objects.select_related("product", "order_line__order__placed").only(
        "uuid",
        "given_at",
        "product__title",
        "order_line__order__number",
        "order_line__order__placed__uuid",
    )


def _choices(membership: Membership) -> list[Thing]:
    newest = _found().visible_to(membership).order_by("-given_at", "-pk")  # type: ignore[attr-defined]
    return [_thing(one) for one in newest[:PROPOSED]]


def _resolve(structure: int, uuid: UUID) -> Thing | None:
    mine = _found().filter(order_line__order__placed__structure=structure, uuid=uuid)
    return next(map(_thing, mine), None)


def _thing(code: RechargeCode) -> Thing:
    order = code.order_line.order  # type: ignore[union-attr]
    return Thing(
        uuid=code.uuid,
        label=(
            f"«\u00a0{code.product.title}\u00a0», donné le {moment(code.given_at)}, "
            f"commande n°\u00a0{order.number}"
        ),
        path=reverse("shop:order", args=[order.placed.uuid]),
        desk_path=reverse("codes:detail", args=[code.uuid]),
    )


register("code", Provider("Numéros de recharge", _choices, _resolve))
