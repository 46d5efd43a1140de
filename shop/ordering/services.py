"""From basket to order: priced, enforced and given out in one transaction."""

from typing import Any
from uuid import UUID

from django.db import transaction
from oscar.apps.shipping.methods import NoShippingRequired
from oscar.core.loading import get_model
from oscar.core.prices import Price

from portal.privacy.services import record
from portal.structures.models import Membership
from portal.structures.services import check_may_order
from portal.ui.errors import DomainError
from shop.offer.applicator import Applicator
from shop.order.utils import OrderCreator, OrderNumberGenerator
from shop.ordering.baskets import wanted_lines
from shop.ordering.models import PlacedOrder, StructureBasket
from shop.products.models import ProductTerms
from shop.quotas.services import draw, lock_quotas, open_quotas, pools_by_product
from shop.quotas.split import Split, split
from shop.recharges.services import claim
from shop.sims.services import open_delivery

OrderLine = get_model("order", "Line")


class BasketChanged(DomainError):
    """What would be ordered differs from what the buyer saw."""

    default_code = "basket_changed"
    default_message = (
        "Votre panier ou votre dotation a changé depuis l’affichage de cette page. Rien n’a été "
        "commandé\u00a0: vérifiez le nouveau total, puis validez."
    )


class BasketRefused(DomainError):
    """The basket cannot be ordered as it is; the message says what to change."""

    default_code = "basket_refused"


class UnknownBasket(DomainError):
    """No basket of this member carries that key."""

    default_code = "unknown_basket"
    default_message = (
        "Ce panier n’existe pas ou n’est plus le vôtre. Revenez à votre panier pour le valider."
    )


def preview(membership: Membership, context: StructureBasket | None) -> Split:
    """Divide the basket as it would be ordered now, without locking anything."""
    wanted = wanted_lines(context.basket) if context else []
    quotas = open_quotas(membership.structure) if wanted else []
    return split(wanted, pools_by_product(quotas))


def cards_in(parts: Split) -> int:
    """Return how many SIM cards are to be prepared for a basket."""
    return sum(
        line.wanted.quantity for line in parts.lines if line.wanted.kind == ProductTerms.Kind.SIM
    )


@transaction.atomic
def place_order(
    *, by: Membership, key: UUID, seen: str, address: str = "", numbers_hidden: bool = False
) -> PlacedOrder:
    """Turn the basket of ``key`` into an order, once, whole or not at all.

    Locks, always in this order: the basket, the quotas by key, then free codes (those that
    another order is taking are skipped). A repeat of the same key waits for the first and gets
    its order back.

    Args:
        by: the member who orders, for their current structure.
        key: the basket's idempotency key.
        seen: `Split.digest` of what the buyer was shown.
        address: of a delivery of SIM cards (public identifier), or nothing for the usual one.
        numbers_hidden: ordered in advance: show no number before it is asked for.

    Raises:
        UnknownBasket: the key is nobody's, or somebody else's.
        OrderingClosed: the structure or the member lacks a step.
        BasketChanged: the split differs from what was seen.
        BasketRefused: empty, over a limit or beyond a quota.
        OutOfStock: codes are lacking.
        UnknownAddress, NoAddress: SIM cards have nowhere to go.
    """
    context = (
        StructureBasket.objects.select_for_update(of=("self",))
        .select_related("basket")
        .filter(key=key, owner=by.user_id, structure=by.structure_id)
        .first()
    )
    if context is None:
        raise UnknownBasket
    placed = PlacedOrder.objects.filter(key=key).first()
    if placed:
        return placed
    check_may_order(by)

    wanted = wanted_lines(context.basket)
    quotas = lock_quotas(by.structure, [line.product_id for line in wanted])
    parts = split(wanted, pools_by_product(quotas))
    if not wanted:
        raise BasketRefused("Votre panier est vide. Choisissez d’abord une recharge.")
    if parts.obstacles:
        raise BasketRefused(" ".join(parts.obstacles))
    if parts.digest != seen:
        raise BasketChanged

    order = _create_order(by, context, parts)
    _hand_out(order, parts)
    placed = PlacedOrder.objects.create(
        order=order,
        key=key,
        structure_id=by.structure_id,
        free_units=parts.free_units,
        numbers_hidden=numbers_hidden,
    )
    cards = cards_in(parts)
    if cards:
        open_delivery(by=by, placed=placed, units=cards, address=address)
    record(by=by.user, action="ordering.placed", target=placed, units=parts.units)
    return placed


def _create_order(by: Membership, context: StructureBasket, parts: Split) -> Any:
    basket = context.basket
    basket.split = parts
    Applicator().apply(basket, by.user)
    zero = Price("EUR", 0, 0)
    order = OrderCreator().place_order(
        basket=basket,
        total=Price("EUR", parts.due, parts.due),
        shipping_method=NoShippingRequired(),
        shipping_charge=zero,
        user=by.user,
        order_number=OrderNumberGenerator().order_number(),
    )
    basket.submit()
    context.is_open = False
    context.save(update_fields=["is_open"])
    return order


def _hand_out(order: Any, parts: Split) -> None:
    """Draw on the quotas and claim the codes, product by product in one fixed order."""
    line_ids = dict(OrderLine.objects.filter(order=order).values_list("product_id", "pk"))
    lines = sorted(parts.lines, key=lambda line: line.wanted.product_id)
    draw((line_ids[line.wanted.product_id], one) for line in lines for one in line.draws)
    for line in lines:
        if line.wanted.kind == ProductTerms.Kind.CODE:
            claim(
                product_id=line.wanted.product_id,
                title=line.wanted.title,
                order_line_id=line_ids[line.wanted.product_id],
                units=line.wanted.quantity,
            )


def last_orders(membership: Membership, limit: int) -> list[PlacedOrder]:
    """Return the structure's last orders, the newest first."""
    return list(
        PlacedOrder.objects.visible_to(membership).select_related("order").order_by("-pk")[:limit]
    )
