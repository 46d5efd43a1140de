"""``kill -9`` at the worst moments: what was committed stays, what was not never was."""

import http.client
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from shop.ordering.models import PlacedOrder
from shop.quotas.models import FreeQuota
from shop.recharges.models import RechargeCode
from tests import factories
from tests.concurrency.buyers import (
    GIVE_UP,
    ROUNDS,
    Answer,
    Buyer,
    assert_books_balance,
    at_once,
    buyer,
    outcomes,
)
from tests.support.server import StartServer, address, gunicorn, listening

pytestmark = pytest.mark.django_db(transaction=True)
BROKEN = (OSError, http.client.HTTPException)


@pytest.mark.parametrize(("moment", "kept"), [("before", 0), ("after", 1)])
def test_a_process_that_dies_at_the_commit_loses_nothing_and_doubles_nothing(
    start_server: StartServer, tmp_path: Path, moment: str, kept: int
) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.concurrency.deadly",
        "DEADLY": str(tmp_path),
    }
    factories.lot("monde", factories.codes(3 * ROUNDS))
    with start_server(workers=2, threads=4, environment=environment) as server:
        for turn in range(ROUNDS):
            member = factories.MembershipFactory()
            quota = factories.quota(member.structure, "monde", 1)
            one = buyer(member, monde=3)
            mine = PlacedOrder.objects.filter(structure=member.structure_id)
            left = RechargeCode.objects.filter(state="available")
            order_to_die = tmp_path / moment
            order_to_die.touch()

            with pytest.raises(BROKEN):
                one.confirm(server)
            assert not order_to_die.exists()
            assert mine.count() == kept
            assert left.count() == 3 * (ROUNDS - turn - kept)

            again = at_once([lambda one=one: one.confirm_until_answered(server)] * 3)
            assert outcomes(again) == {"ordered": 3}
            assert {answer.location for answer in again} == {f"/commande/{mine.get().uuid}/"}
            assert len(set(one.read(server, again[0]))) == 3
            assert left.count() == 3 * (ROUNDS - turn - 1)
            assert FreeQuota.objects.get(pk=quota.pk).used == 1
            assert_books_balance()


def workers(leader: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the server's processes, without the one that leads them."""
    return psutil.Process(leader.pid).children()


def crowd(structures: int, colleagues: int) -> list[Buyer]:
    """Return buyers of three codes each, the first of which is free for five of each structure."""
    factories.lot("monde", factories.codes(100))
    factories.lot("illimite-france", factories.codes(100, start=500))
    found = []
    for _ in range(structures):
        structure = factories.StructureFactory(may_order=True)
        factories.quota(structure, "monde", 5)
        members = [factories.MembershipFactory(structure=structure) for _ in range(colleagues)]
        found += [buyer(member, monde=1, illimite_france=2) for member in members]
    return found


def assert_all_served(answers: list[Answer], structures: int) -> None:
    """Check that each buyer has an order of their own, and that five a structure were free."""
    count = len(answers)
    assert outcomes(answers) == {"ordered": count}
    assert len({answer.location for answer in answers}) == PlacedOrder.objects.count() == count
    given = RechargeCode.objects.filter(state="given").values_list("product__upc", flat=True)
    assert sorted(given) == ["illimite-france"] * 2 * count + ["monde"] * count
    assert list(FreeQuota.objects.values_list("used", flat=True)) == [5] * structures
    assert_books_balance()


def test_processes_that_die_at_any_moment_lose_nothing_and_double_nothing() -> None:
    buyers = crowd(structures=8, colleagues=5)
    done = threading.Event()
    killed: list[int] = []

    def kill(leader: subprocess.Popen[bytes]) -> None:
        while len(killed) < 3 and not done.wait(0.3):
            for worker in workers(leader)[:1]:
                os.kill(worker.pid, signal.SIGKILL)
                killed.append(worker.pid)

    with listening() as listener, gunicorn(listener) as leader, ThreadPoolExecutor(9) as pool:
        killer = pool.submit(kill, leader)
        server = address(listener)
        try:
            answers = list(pool.map(lambda one: one.confirm_until_answered(server), buyers))
        finally:
            done.set()
        killer.result()

    assert killed
    assert_all_served(answers, structures=8)


def test_a_server_killed_whole_loses_nothing_and_doubles_nothing() -> None:
    buyers = crowd(structures=4, colleagues=5)
    broken: list[Buyer] = []

    def confirm(one: Buyer) -> Answer:
        deadline = time.monotonic() + GIVE_UP
        while time.monotonic() < deadline:
            try:
                return one.confirm(server)
            except BROKEN:
                broken.append(one)
                again.wait(GIVE_UP)
        raise TimeoutError

    again = threading.Event()
    with listening() as listener, ThreadPoolExecutor(len(buyers)) as pool:
        server = address(listener)
        with gunicorn(listener) as leader:
            waiting = [pool.submit(confirm, one) for one in buyers]
            while not PlacedOrder.objects.exists():  # some are answered, the others in flight
                time.sleep(0.005)
            for process in [psutil.Process(leader.pid), *workers(leader)]:
                process.kill()
        with gunicorn(listener):
            again.set()
            answers = [one.result() for one in waiting]

    assert broken
    assert_all_served(answers, structures=4)
