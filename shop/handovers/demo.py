"""Hand-overs of the demonstration: three weeks of a desk, by the real rules."""

import datetime as dt
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from portal.structures.models import Membership
from shop.handovers.models import HandOver
from shop.handovers.services import hand_over
from shop.ordering import baskets
from shop.ordering.models import PlacedOrder
from shop.ordering.services import place_order, preview
from shop.recharges.models import RechargeCode
from shop.recharges.services import show

Payer = HandOver.Payer
#: What was ordered, and how many days ago.
ORDERS = (("internet-mobile-8-go", 4, 20), ("monde", 4, 13), ("illimite-france", 3, 6))
#: Who received, days after the order, who paid, and euros where it is not the whole price.
REMISES = (
    ("Dossier 2026-014", 0, Payer.NOBODY, None),
    ("Dossier 2026-027", 2, Payer.NOBODY, None),
    ("Dossier 2026-031", 5, Payer.NOBODY, None),
    ("Foyer 8, chambre 3", 6, Payer.NOBODY, None),
    ("Dossier 2026-014", 0, Payer.BENEFICIARY, None),
    ("Dossier 2026-040", 1, Payer.BENEFICIARY, Decimal("2.50")),
    ("Dossier 2026-052", 4, Payer.STRUCTURE, None),
    ("Foyer 8, chambre 3", 5, Payer.BENEFICIARY, None),
    ("Dossier 2026-027", 1, Payer.BENEFICIARY, None),
)


def load(member: Membership) -> None:
    """Order, look at the numbers and note most of them."""
    codes = [code for upc, quantity, ago in ORDERS for code in _order(member, upc, quantity, ago)]
    for code, (reference, after, paid_by, amount) in zip(codes, REMISES, strict=False):
        hand_over(
            by=member,
            code=code,
            reference=reference,
            handed_on=timezone.localdate(code.given_at) + dt.timedelta(days=after),
            paid_by=paid_by,
            amount=amount,
        )


def _order(member: Membership, upc: str, quantity: int, ago: int) -> list[RechargeCode]:
    """Place an order as if it were ``ago`` days old."""
    baskets.add(by=member, upc=upc, quantity=quantity)
    basket = baskets.get_or_open(member)
    placed = place_order(by=member, key=basket.key, seen=preview(member, basket).digest)
    codes = RechargeCode.objects.filter(order_line__order=placed.order_id)
    show(by=member.user, codes=codes, where="order")
    earlier = dt.timedelta(days=ago)
    PlacedOrder.objects.filter(pk=placed.pk).update(placed_at=F("placed_at") - earlier)
    codes.update(given_at=F("given_at") - earlier)
    return list(codes.order_by("pk"))
