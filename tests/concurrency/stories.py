"""What must hold when many order at the same second, as stories that are played in rounds.

A story knows nothing of the server that it is played on: the same one is told of ours, and of one
that takes no lock, where it must end otherwise.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Sum

from shop.ordering.models import PlacedOrder
from shop.quotas.models import FreeQuota
from tests import factories
from tests.concurrency.buyers import Answer, Buyer, at_once, buyer, outcomes, refilled

Facts = dict[str, int]


@dataclass(frozen=True)
class Story:
    """A story, how each of its rounds must end, and what happens where nothing is locked.

    Attributes:
        rounds: plays a round and yields what came of it, as often as it is asked.
        ends: what each round must yield.
        breaks: whether a round went wrong in the very way that locks prevent.
    """

    name: str
    rounds: Callable[[str], Iterator[Facts]]
    ends: Facts
    breaks: Callable[[Facts], bool]


def many_on_few_codes(server: str) -> Iterator[Facts]:
    """Two hundred buyers want one code each; there are a hundred."""
    factories.product("monde")
    crowd = [buyer(factories.MembershipFactory(), monde=1) for _ in range(200)]
    for turn in itertools.count():
        stock = factories.codes(100, start=1000 * turn)
        factories.lot("monde", stock)
        crowd = [refilled(one, monde=1) for one in crowd]
        answers = at_once([lambda one=one: one.confirm(server) for one in crowd])
        numbers = read_all(server, crowd, answers)
        yield outcomes(answers) | {
            "numbers": len(numbers),
            "numbers of the lot": len(set(numbers) & set(stock)),
        }


def read_all(server: str, crowd: list[Buyer], answers: list[Answer]) -> list[str]:
    """Return the numbers that the buyers who ordered find on their pages."""
    served = [pair for pair in zip(crowd, answers, strict=True) if pair[1].outcome == "ordered"]
    return [number for one, answer in served for number in one.read(server, answer)]


def colleagues_on_one_quota(server: str) -> Iterator[Facts]:
    """Forty colleagues want one unit each of a quota of twenty, then accept to pay."""
    for turn in itertools.count():
        structure = factories.StructureFactory(may_order=True)
        quota = factories.quota(structure, "monde", 20)
        factories.lot("monde", factories.codes(40, start=1000 * turn))
        crowd = [
            buyer(factories.MembershipFactory(structure=structure), monde=1) for _ in range(40)
        ]
        first = at_once([lambda one=one: one.confirm(server) for one in crowd])
        late = [
            refilled(one)
            for one, answer in zip(crowd, first, strict=True)
            if answer.outcome == "changed"
        ]
        second = at_once([lambda one=one: one.confirm(server) for one in late]) if late else []
        placed = PlacedOrder.objects.filter(structure=structure)
        bill = placed.aggregate(all=Sum("order__total_incl_tax"))["all"]
        yield outcomes(first) | {
            "ordered on second thoughts": outcomes(second).get("ordered", 0),
            "free by the ledger": FreeQuota.objects.get(pk=quota.pk).used,
            "free by the orders": placed.aggregate(all=Sum("free_units"))["all"],
            "cents billed": int(bill * 100),
        }


def one_form_sent_fifty_times(server: str) -> Iterator[Facts]:
    """One confirmation, sent fifty times at once, as a nervous hand or a bad network does."""
    for turn in itertools.count():
        member = factories.MembershipFactory()
        quota = factories.quota(member.structure, "monde", 1)
        factories.lot("monde", factories.codes(50, start=1000 * turn))
        one = buyer(member, monde=2)
        answers = at_once([lambda one=one: one.confirm(server)] * 50)
        placed = PlacedOrder.objects.filter(structure=member.structure_id)
        yield outcomes(answers) | {
            "orders": placed.count(),
            "pages": len({answer.location for answer in answers if answer.location}),
            "numbers": len(set(one.read(server, answers[0]))),
            "free": FreeQuota.objects.get(pk=quota.pk).used,
        }


STORIES = (
    Story(
        "two hundred buyers on a lot of a hundred",
        many_on_few_codes,
        {"ordered": 100, "out of stock": 100, "numbers": 100, "numbers of the lot": 100},
        # More orders than numbers: some were given twice.
        lambda facts: facts["ordered"] > facts["numbers of the lot"],
    ),
    Story(
        "forty colleagues on a quota of twenty",
        colleagues_on_one_quota,
        {
            "ordered": 20,
            "changed": 20,
            "ordered on second thoughts": 20,
            "free by the ledger": 20,
            "free by the orders": 20,
            "cents billed": 20 * 500,
        },
        # Everybody read "free": the database refuses what is beyond the grant, as an error.
        lambda facts: facts["ordered"] == 20 and facts.get("status 500", 0) > 0,
    ),
    Story(
        "one form sent fifty times",
        one_form_sent_fifty_times,
        {"ordered": 50, "orders": 1, "pages": 1, "numbers": 2, "free": 1},
        # One key, one order: the database refuses the others, as errors.
        lambda facts: facts["orders"] == 1 and facts.get("status 500", 0) > 0,
    ),
)
