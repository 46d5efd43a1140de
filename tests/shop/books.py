"""A little of all that happens to the shop's books, by the services, for tests that count them."""

from dataclasses import dataclass

from portal.structures.models import Membership
from shop.ordering import baskets
from shop.ordering.cancelling import cancel_own_order
from shop.ordering.models import PlacedOrder
from shop.ordering.services import place_order, preview
from shop.recharges.faulty import report_faulty
from shop.recharges.models import FaultyReport, RechargeCode
from shop.recharges.services import show
from tests import factories


def order(member: Membership, **quantities: int) -> PlacedOrder:
    """Order by the services: ``order(member, monde=2)``."""
    for upc, quantity in quantities.items():
        baskets.add(by=member, upc=upc.replace("_", "-"), quantity=quantity)
    context = baskets.find_open(member)
    assert context is not None
    return place_order(by=member, key=context.key, seen=preview(member, context).digest)


def report_one(member: Membership, placed: PlacedOrder) -> FaultyReport:
    """Look at the first number of an order and report it."""
    codes = RechargeCode.objects.given().filter(order_line__order=placed.order_id).order_by("pk")
    first = codes[0]
    show(by=member.user, codes=RechargeCode.objects.filter(pk=first.pk), where="order")
    return report_faulty(by=member, code=first.uuid, symptom="used")


@dataclass(frozen=True)
class Books:
    """What `write_books` wrote."""

    member: Membership
    kept: PlacedOrder
    cancelled: PlacedOrder
    replaced: FaultyReport
    waiting: FaultyReport


def write_books() -> Books:
    """Write an order of three, a cancelled one, a replaced number and one that waits."""
    member = factories.MembershipFactory()
    factories.quota(member.structure, "monde", 5)
    factories.quota(factories.StructureFactory(may_order=True), "monde", 5)
    factories.lot("monde", factories.codes(12))
    factories.lot("illimite-france", factories.codes(3, start=100))
    cancelled = cancel_own_order(by=member, order=order(member, monde=2).uuid)
    kept = order(member, monde=3, illimite_france=1)
    other = order(member, monde=3)
    reports = [report_one(member, one) for one in (kept, kept, other)]
    waiting = FaultyReport(
        code=RechargeCode.objects.filter(order_line__order=other.order_id, state="given")[0],
        structure=member.structure,
        symptom="used",
        reported_by=member.user,
        state="waiting",
    )
    RechargeCode.objects.filter(pk=waiting.code_id).update(state="quarantined")
    waiting.save()
    return Books(member, kept, cancelled, reports[0], waiting)
