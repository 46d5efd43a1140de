"""A partner with numbers in hand, and what the carnet's tests write in it."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from portal.privacy.models import AuditEntry
from portal.structures.models import Agreement, Membership
from shop.handovers import services
from shop.handovers.models import HandOver
from shop.ordering import baskets
from shop.ordering.services import place_order, preview
from shop.recharges.models import RechargeCode, RechargeCodeQuerySet
from shop.recharges.services import show
from tests import factories

Payer = HandOver.Payer
Ordered = Callable[..., list[RechargeCode]]
BOOK = "/mon-compte/remises/"


def codes_of(member: Membership) -> RechargeCodeQuerySet:
    return RechargeCode.objects.visible_to(member).order_by("pk")


def order(member: Membership, upc: str = "monde", quantity: int = 1) -> list[RechargeCode]:
    """Order and show numbers of a product, from a lot of their own; « Monde » costs 5 euros."""
    start = 100 * RechargeCode.objects.count()
    factories.lot(upc, factories.codes(quantity, start=start))
    baskets.add(by=member, upc=upc, quantity=quantity)
    basket = baskets.get_or_open(member)
    placed = place_order(by=member, key=basket.key, seen=preview(member, basket).digest)
    codes = RechargeCode.objects.filter(order_line__order=placed.order_id)
    show(by=member.user, codes=codes, where="order")
    return list(codes.select_related("product").order_by("pk"))


def note(
    by: Membership, code: RechargeCode, reference: str = "Dossier 12", **fields: Any
) -> HandOver:
    """Note a hand-over today; free where nothing else is said."""
    defaults: dict[str, Any] = {"handed_on": factories.today(), "paid_by": Payer.NOBODY}
    return services.hand_over(by=by, code=code, reference=reference, **(defaults | fields))


def sold(
    by: Membership,
    code: RechargeCode,
    reference: str = "Dossier 12",
    amount: str = "5.00",
    **fields: Any,
) -> HandOver:
    """Note a hand-over that its beneficiary paid for."""
    fields = {"paid_by": Payer.BENEFICIARY} | fields
    return note(by, code, reference, amount=Decimal(amount), **fields)


def limit(member: Membership, **fields: Any) -> Agreement:
    """Set the limit of the structure's convention; ``by_month=2``."""
    agreement = member.structure.agreements.get()
    agreement.limit_per_person = fields["by_month"]
    agreement.save()
    return agreement


def browser(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def form(**fields: Any) -> dict[str, str]:
    """Return what the form sends, for today, paid by the beneficiary."""
    day: dt.date = fields.pop("day", factories.today())
    sent = {"reference": "Dossier 12", "paid_by": "beneficiary", "amount": "5"}
    parts = {"handed_on_day": day.day, "handed_on_month": day.month, "handed_on_year": day.year}
    return {key: str(value) for key, value in (sent | parts | fields).items()}


def words(answer: Any) -> str:
    """Return a page's words, without tags, its spaces made one."""
    bare = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"[ \n]+", " ", bare).replace("&nbsp;", "\u00a0")


def trail(action: str) -> list[dict[str, Any]]:
    """Return the details of the trail's rows of an action."""
    rows = AuditEntry.objects.filter(action=f"handovers.{action}").order_by("pk")
    return [row.details for row in rows]


@pytest.fixture
def member(db: None) -> Membership:
    """A partner whose structure may order."""
    factories.product()
    return factories.MembershipFactory()


@pytest.fixture
def colleague(member: Membership) -> Membership:
    return factories.MembershipFactory(structure=member.structure)


@pytest.fixture
def stranger(member: Membership) -> Membership:
    return factories.MembershipFactory()
