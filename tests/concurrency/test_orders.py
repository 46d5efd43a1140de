"""Orders at the same second, over HTTP, in several processes: nothing lost, nothing doubled.

Each story is run on our server, and then on one that takes no lock: there it must fail, or it
would prove nothing.
"""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psutil
import pytest

from shop.ordering.models import PlacedOrder
from shop.quotas.models import FreeQuota
from shop.recharges.models import RechargeCode
from tests import factories
from tests.concurrency.buyers import assert_books_balance, at_once, buyer, form_of, outcomes
from tests.support.server import StartServer

UNLOCKED = {"DJANGO_SETTINGS_MODULE": "tests.concurrency.unlocked"}

Story = Callable[[str], None]


def sixty_buyers_on_a_lot_of_thirty(server: str) -> None:
    factories.lot("monde", factories.codes(30))
    buyers = [buyer(factories.MembershipFactory(), monde=1) for _ in range(60)]

    answers = at_once([lambda one=one: one.confirm(server) for one in buyers])

    assert outcomes(answers) == {"ordered": 30, "out of stock": 30}
    served = [
        (one, answer)
        for one, answer in zip(buyers, answers, strict=True)
        if answer.outcome == "ordered"
    ]
    numbers = [number for one, answer in served for number in one.read(server, answer)]
    assert sorted(numbers) == factories.codes(30)
    assert_books_balance()


def forty_colleagues_on_a_quota_of_twenty(server: str) -> None:
    structure = factories.StructureFactory(may_order=True)
    factories.quota(structure, "monde", 20)
    factories.lot("monde", factories.codes(40))
    members = [factories.MembershipFactory(structure=structure) for _ in range(40)]
    buyers = [buyer(member, monde=1) for member in members]

    answers = at_once([lambda one=one: one.confirm(server) for one in buyers])

    assert outcomes(answers) == {"ordered": 20, "changed": 20}
    assert FreeQuota.objects.get().used == 20
    assert list(PlacedOrder.objects.values_list("free_units", flat=True)) == [1] * 20

    late = [one for one, answer in zip(buyers, answers, strict=True) if answer.outcome == "changed"]
    again = at_once([lambda one=one: one.confirm(server, form_of(one.member)) for one in late])
    assert outcomes(again) == {"ordered": 20}
    paid = PlacedOrder.objects.filter(free_units=0).values_list("order__total_incl_tax", flat=True)
    assert list(paid) == [Decimal("5.00")] * 20
    assert_books_balance()


def fifty_identical_confirmations(server: str) -> None:
    member = factories.MembershipFactory()
    factories.quota(member.structure, "monde", 1)
    factories.lot("monde", factories.codes(50))
    one = buyer(member, monde=2)

    answers = at_once([lambda: one.confirm(server)] * 50)

    assert outcomes(answers) == {"ordered": 50}
    assert {answer.location for answer in answers} == {
        f"/commande/{PlacedOrder.objects.get().uuid}/"
    }
    assert RechargeCode.objects.filter(state="given").count() == 2
    assert_books_balance()


STORIES = (
    sixty_buyers_on_a_lot_of_thirty,
    forty_colleagues_on_a_quota_of_twenty,
    fifty_identical_confirmations,
)


@pytest.mark.parametrize("story", STORIES)
def test_orders_at_once(start_server: StartServer, story: Story) -> None:
    with start_server(workers=3, threads=4) as server:
        story(server)


@pytest.mark.parametrize("story", STORIES)
def test_the_same_story_fails_without_our_locks(start_server: StartServer, story: Story) -> None:
    with (
        start_server(workers=3, threads=4, environment=UNLOCKED) as server,
        pytest.raises(AssertionError),
    ):
        story(server)


def workers() -> list[psutil.Process]:
    """Return the server's processes, without the one that leads them."""
    here = psutil.Process()
    leaders = [one for one in here.children() if "gunicorn" in one.cmdline()]
    return [worker for leader in leaders for worker in leader.children()]


def test_killing_a_web_process_loses_nothing_and_doubles_nothing(
    start_server: StartServer,
) -> None:
    structures = [factories.StructureFactory(may_order=True) for _ in range(8)]
    for structure in structures:
        factories.quota(structure, "monde", 7)
    factories.lot("monde", factories.codes(100))
    factories.lot("illimite-france", factories.codes(100, start=500))
    buyers = [
        buyer(factories.MembershipFactory(structure=structure), monde=1, illimite_france=2)
        for structure in structures
        for _ in range(5)
    ]
    done = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while len(killed) < 3 and not done.wait(0.3):
            for worker in workers()[:1]:
                os.kill(worker.pid, signal.SIGKILL)
                killed.append(worker.pid)

    with start_server(workers=2, threads=4) as server, ThreadPoolExecutor(9) as pool:
        killer = pool.submit(kill)
        try:
            answers = list(pool.map(lambda one: one.confirm_until_answered(server), buyers))
        finally:
            done.set()
        killer.result()

    assert killed
    assert outcomes(answers) == {"ordered": 40}
    assert len({answer.location for answer in answers}) == 40
    assert PlacedOrder.objects.count() == 40
    given = RechargeCode.objects.filter(state="given")
    assert given.values("product").distinct().count() == 2
    assert given.count() == 40 * 3
    assert FreeQuota.objects.filter(used=5).count() == 8
    assert_books_balance()


def test_one_person_clicking_in_two_tabs_adds_to_one_basket(start_server: StartServer) -> None:
    factories.product()
    member = factories.MembershipFactory()
    one = buyer(member, monde=1)
    fields = {"product": "monde", "quantity": "1", "csrfmiddlewaretoken": "c" * 32}

    with start_server() as server:
        at_once([lambda: one.request(server, "POST", "/panier/ajouter/", fields)] * 10)

    assert form_of(member)["key"] == one.form["key"]
    assert member.user.structure_baskets.get().basket.lines.get().quantity == 11
