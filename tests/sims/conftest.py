"""What the tests of SIM cards stand on: an order of cards, and who prepares them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from stdnum import luhn

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures.models import Agreement, Membership
from portal.telecom import iccid
from shop.ordering import baskets
from shop.ordering.services import place_order, preview
from shop.sims.models import Delivery
from shop.sims.preparing import prepare
from shop.sims.services import mark_ready, mark_received, mark_sent
from tests import factories

UPC = "carte-sim"


def text_of(response: Any) -> str:
    """Return a page's source with its spaces made one; non-breaking ones stay."""
    body = response.content.decode().replace("&nbsp;", "\u00a0")
    return re.sub(r"[ \n]+", " ", body)


def card(number: int) -> str:
    """Return the serial number of an SFR card."""
    head = f"{iccid.SFR}{number:013}"
    return head + luhn.calc_check_digit(head)


def lines(*cards: str) -> str:
    """Return cards as a scanner types them."""
    return "".join(f"{one}\n" for one in cards)


def buyer(mode: str = Agreement.Delivery.SHIPPING, **structure: Any) -> Membership:
    """Return a partner whose structure may order cards, delivered as ``mode`` says."""
    made = factories.StructureFactory(may_order=True, **structure)
    made.agreements.update(delivery_mode=mode)
    factories.quota(made, UPC, 50)
    member: Membership = factories.MembershipFactory(structure=made)
    return member


def order(member: Membership, units: int, upc: str = UPC, **fields: Any) -> Any:
    """Order cards by the services; return `PlacedOrder`."""
    baskets.add(by=member, upc=upc, quantity=units)
    context = baskets.get_or_open(member)
    seen = preview(member, context).digest
    return place_order(by=member, key=context.key, seen=seen, **fields)


def delivery(member: Membership | None = None, units: int = 2, **fields: Any) -> Delivery:
    """Return the delivery of a new order of cards."""
    return Delivery.objects.get(placed=order(member or buyer(), units, **fields))


Walk = Callable[..., Delivery]


@pytest.fixture
def staff(db: None) -> User:
    """Return a référent."""
    made: User = factories.UserFactory(role=Role.REFERENT)
    return made


@pytest.fixture
def received(staff: User) -> Walk:
    """Return a function that brings cards to a member's structure."""

    def walk(member: Membership, *cards: str) -> Delivery:
        made = delivery(member, len(cards))
        prepare(by=staff, delivery=made, typed=lines(*cards))
        leave = mark_sent if made.mode == Agreement.Delivery.SHIPPING else mark_ready
        leave(by=staff, delivery=made)
        return mark_received(by=member, delivery=made)

    return walk
