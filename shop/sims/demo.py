"""Deliveries of the demo: one that was received, one to be prepared."""

from stdnum import luhn

from portal.accounts.models import User
from portal.structures.models import Membership
from portal.telecom import iccid
from shop.ordering import baskets
from shop.ordering.services import place_order, preview
from shop.sims.addresses import save
from shop.sims.models import Delivery, DeliveryAddress
from shop.sims.preparing import prepare
from shop.sims.services import mark_received, mark_sent

UPC = "carte-sim"
#: Thirteen digits of the first card's account; the next ones follow.
FIRST = 599700003000


def load(member: Membership, staff: User) -> None:
    """Order cards and receive the first ones.

    Args:
        member: of a structure that may order, with a quota of cards.
        staff: who prepares.
    """
    address = {
        "label": "Accueil de jour",
        "recipient": "Accueil, 2e étage",
        "street": "4 place de l’Exemple",
        "postcode": "33000",
        "city": "Bordeaux",
    }
    save(by=member, address=DeliveryAddress(), values=address)
    first = _order(member, 4)
    prepare(by=staff, delivery=first, typed="\n".join(_cards(4)))
    mark_sent(by=staff, delivery=first, tracking="6A12345678901")
    mark_received(by=member, delivery=first)
    _order(member, 3)


def _order(member: Membership, units: int) -> Delivery:
    baskets.add(by=member, upc=UPC, quantity=units)
    context = baskets.get_or_open(member)
    seen = preview(member, context).digest
    return Delivery.objects.get(placed=place_order(by=member, key=context.key, seen=seen))


def _cards(count: int) -> list[str]:
    heads = (f"{iccid.SFR}{number:013}" for number in range(FIRST, FIRST + count))
    return [head + luhn.calc_check_digit(head) for head in heads]
