"""The month in progress, as its invoice would be today."""

from decimal import Decimal

import pytest

from shop.billing.forecast import Part, forecast
from shop.billing.models import BillingRun, Invoice
from shop.handovers.months import this_month
from tests import factories
from tests.billing import world
from tests.shop import books

pytestmark = pytest.mark.django_db


def test_it_says_what_the_month_costs_by_member_and_by_product() -> None:
    world.stock(monde=9, illimite_france=9)
    lead = world.customer()
    factories.quota(lead.structure, "monde", 1)
    colleague = factories.MembershipFactory(structure=lead.structure)
    books.order(lead, monde=3)
    books.order(colleague, monde=1, illimite_france=1)
    world.cancelled(books.order(colleague, monde=1))
    world.ordered(lead, monde=1)  # last month's

    found = forecast(lead.structure)
    assert (found.month, found.total) == (this_month(), Decimal("21.00"))
    names = [f"{one.user.first_name} {one.user.last_name}" for one in (lead, colleague)]
    assert found.by_member == sorted(
        [Part(names[0], 2, 1, Decimal("10.00")), Part(names[1], 2, 0, Decimal("11.00"))],
        key=lambda part: part.name,
    )
    assert found.by_product == [
        Part("Illimité France", 1, 0, Decimal("6.00")),
        Part("Monde", 3, 1, Decimal("15.00")),
    ]


def test_it_writes_nothing(django_assert_num_queries: object) -> None:
    world.stock(monde=3)
    lead = world.customer()
    books.order(lead, monde=1)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert forecast(lead.structure).total == Decimal("5.00")
    assert (Invoice.objects.count(), BillingRun.objects.count()) == (0, 0)


def test_a_structure_that_ordered_nothing_owes_nothing() -> None:
    found = forecast(world.customer().structure)
    assert (found.rows, found.total) == ((), Decimal("0.00"))
