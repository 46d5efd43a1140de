"""Many at once, and processes that die: numbers stay unbroken, and nothing is doubled."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from shop.billing import credits, issuing, runs
from shop.billing.models import CreditNote, Invoice, NumberSeries
from shop.billing.reconcile import gaps
from shop.handovers.months import previous
from shop.ordering.models import PlacedOrder
from tests import factories
from tests.billing import world
from tests.support.server import ROOT, variables

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("queued")]
CROWD = 50


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """Run each in a thread with its own connection, from the same moment."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        start.wait(timeout=60)
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def structures(count: int) -> list[PlacedOrder]:
    """Let as many structures owe six euros for last month."""
    world.seller()
    world.stock(illimite_france=count)
    return [world.ordered(world.customer(), illimite_france=1) for _ in range(count)]


def assert_whole(count: int) -> None:
    """Check that as many are issued, numbered from 1 without a hole, and agree with the orders."""
    year = factories.today().year
    numbers = Invoice.objects.issued().order_by("rank").values_list("number", flat=True)
    assert list(numbers) == [f"{year}-{rank:06d}" for rank in range(1, count + 1)]
    assert NumberSeries.objects.get().last == count
    assert gaps() == []


def test_fifty_at_once_take_numbers_that_are_unique_and_unbroken() -> None:
    structures(CROWD)
    run, by = world.opened(), world.manager()
    drafts = list(run.invoices.drafts())
    at_once([lambda one=one: issuing.issue(one, by=by) for one in drafts])  # type: ignore[misc]
    assert_whole(CROWD)
    run.refresh_from_db()
    assert run.state == "issued"


def test_fifty_clicks_on_five_drafts_issue_five() -> None:
    structures(5)
    run, by = world.opened(), world.manager()
    drafts = list(run.invoices.drafts()) * 10
    issued = at_once(
        [lambda one=one: issuing.issue(one, by=by) for one in drafts]  # type: ignore[misc]
    )
    assert set(issued) == set(drafts)
    assert_whole(5)
    assert OutboxMessage.objects.filter(topic=issuing.ISSUED_TOPIC).count() == 5


def test_runs_opened_and_prepared_by_several_at_once_double_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "BATCH", 3)
    placed = structures(10)
    early = previous(world.last_month())
    PlacedOrder.objects.filter(pk=placed[0].pk).update(placed_at=world.noon(early))
    by = world.manager()
    issuing.issue_run(world.opened(early), by=by)
    world.drain()
    world.cancelled(PlacedOrder.objects.get(pk=placed[0].pk), at=world.noon(world.last_month()))

    def work() -> None:
        runs.open_month(world.last_month())
        while deliver_due():
            pass

    at_once([work] * 6)
    world.drain()
    lines = Invoice.objects.drafts().values_list("kind", "lines__order_number")
    assert sorted(lines) == sorted(
        [("credit_note", placed[0].order.number)]
        + [("invoice", one.order.number) for one in placed[1:]]
    )


def test_an_order_cancelled_while_it_is_invoiced_is_not_billed_or_is_given_back() -> None:
    placed = structures(8)
    run, by = world.opened(), world.manager()
    referent = world.manager()
    works: list[Callable[[], object]] = [
        lambda one=one: issuing.issue(one, by=by)  # type: ignore[misc]
        for one in run.invoices.drafts()
    ]
    works += [
        lambda one=one: issuing_cancel(one, referent)  # type: ignore[misc]
        for one in placed
    ]
    at_once(works)
    kept = Invoice.objects.issued().count()
    assert Invoice.objects.drafts().count() == 0
    assert credits.to_collect(factories.today().replace(day=1)) == sorted(
        Invoice.objects.issued().values_list("structure", flat=True)
    )
    run.refresh_from_db()
    assert run.state == "issued"  # by whichever was the last, issued or gone
    if kept:
        assert_whole(kept)


def issuing_cancel(placed: PlacedOrder, by: object) -> PlacedOrder:
    """Cancel an order now."""
    return world.cancel_order(by=by, order=placed.uuid, reason="Erreur")  # type: ignore[arg-type]


def worker(table: str, rows: int) -> int:
    """Work in a process of its own that dies at a row; return how it ended."""
    command = [sys.executable, "-m", "tests.billing.deadly", table, str(rows)]
    environment = os.environ | variables() | {"CELERY_TASK_ALWAYS_EAGER": "0"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


@pytest.mark.parametrize(
    ("table", "rows"),
    [("billing_invoice", 2), ("billing_invoiceline", 3), ("outbox_outboxmessage", 2)],
)
def test_a_worker_killed_in_the_middle_of_a_run_leaves_what_another_one_ends(
    monkeypatch: pytest.MonkeyPatch, table: str, rows: int
) -> None:
    monkeypatch.setattr(runs, "BATCH", 2)
    placed = structures(7)
    run = runs.open_month(world.last_month())
    assert worker(table, rows) == -signal.SIGKILL
    done = Invoice.objects.count()
    assert done < 7
    for invoice in Invoice.objects.all():  # what is there is whole
        assert invoice.total == sum(line.total for line in invoice.lines.all()) == 6
    assert runs.review(run).to_prepare == 7 - done

    assert worker(table, 0) == 0
    before = world.snapshot()
    billed = Invoice.objects.values_list("lines__order_number", flat=True)
    assert sorted(billed) == sorted(one.order.number for one in placed)
    world.opened()
    assert world.snapshot() == before


@pytest.mark.parametrize(
    ("table", "rows"),
    [("billing_numberseries", 4), ("billing_invoice", 3), ("outbox_outboxmessage", 5)],
)
def test_a_worker_killed_in_the_middle_of_an_issuing_leaves_no_hole_and_no_double(
    table: str, rows: int
) -> None:
    structures(6)
    run = runs.open_month(world.last_month())
    world.drain()
    issuing.issue_run(run, by=world.manager())
    assert worker(table, rows) == -signal.SIGKILL
    done = Invoice.objects.issued().count()
    assert 0 < done < 6
    assert_whole(done)

    assert worker(table, 0) == 0
    assert_whole(6)
    run.refresh_from_db()
    assert run.state == "issued"
    announced = OutboxMessage.objects.filter(topic=issuing.ISSUED_TOPIC)
    assert announced.count() == 6
    assert CreditNote.objects.count() == 0
