"""What an order drew on its quotas goes back when it is cancelled."""

import threading

import pytest
from django.db import connection
from oscar.core.loading import get_model

from shop.quotas.models import FreeQuota, QuotaUse
from shop.quotas.services import give_back
from tests import factories
from tests.shop.conftest import Counter, counter

OrderLine = get_model("order", "Line")


def balances() -> list[tuple[int, int]]:
    """Return (granted, used) of each quota, the oldest first."""
    return list(FreeQuota.objects.order_by("pk").values_list("granted", "used"))


def lines_of(partner: Counter, **quantities: int) -> list[int]:
    placed = partner.order(**quantities)
    lines = OrderLine.objects.filter(order=placed.order_id)
    return list(lines.order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def stocked(partner: Counter) -> Counter:
    """Two quotas of one product and one of another."""
    for granted in (2, 5):
        factories.quota(partner.member.structure, "monde", granted)
    factories.quota(partner.member.structure, "illimite-france", 4)
    factories.lot("monde", factories.codes(20))
    factories.lot("illimite-france", factories.codes(20, start=50))
    return partner


def test_each_quota_gets_its_own_units_back(stocked: Counter) -> None:
    lines = lines_of(stocked, monde=4, illimite_france=1)
    assert balances() == [(2, 2), (5, 2), (4, 1)]

    give_back(lines)

    assert balances() == [(2, 0), (5, 0), (4, 0)]
    assert QuotaUse.objects.filter(returned_at__isnull=True).count() == 0
    assert QuotaUse.objects.count() == 3


def test_a_second_return_changes_nothing(stocked: Counter) -> None:
    lines = lines_of(stocked, monde=4)
    kept = lines_of(stocked, monde=1)

    give_back(lines)
    returned = list(QuotaUse.objects.order_by("pk").values_list("returned_at", flat=True))
    give_back(lines)

    assert balances() == [(2, 0), (5, 1), (4, 0)]
    assert list(QuotaUse.objects.order_by("pk").values_list("returned_at", flat=True)) == returned
    assert QuotaUse.objects.get(returned_at=None).order_line_id == kept[0]


def test_an_order_that_drew_nothing_returns_nothing(stocked: Counter) -> None:
    lines = lines_of(stocked, monde=2)

    give_back([])
    give_back([max(lines) + 1])

    assert balances() == [(2, 2), (5, 0), (4, 0)]


@pytest.mark.django_db(transaction=True)
def test_two_returns_at_once_give_back_once() -> None:
    factories.product()
    partner = counter(factories.MembershipFactory())
    factories.quota(partner.member.structure, "monde", 5)
    factories.lot("monde", factories.codes(5))
    lines = lines_of(partner, monde=3)
    kept = lines_of(partner, monde=2)
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait(timeout=10)
        give_back(lines)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert balances() == [(5, 2)]
    assert QuotaUse.objects.get(returned_at=None).order_line_id == kept[0]
