"""A month invoiced for many structures by two Celery workers: ``python -m tests.bench.billing``.

``BENCH_INVOICES`` structures (10,000 by default), each with two orders of two or three lines. The
run is opened and issued as a référent does; two worker processes prepare it, number it, then draw
the documents, as many as they can in ``BENCH_DRAWING`` seconds (60). Numbers are counted again at
the end, and the books reconciled. E-mails are no part of it: no structure has a référent.
"""

import contextlib
import datetime as dt
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from portal.embedded.processes import dies_with_parent
from tests.bench import report
from tests.bench.measure import say

ROOT = Path(__file__).resolve().parents[2]
STRUCTURES = int(os.environ.get("BENCH_INVOICES") or 10_000)
DRAWING = float(os.environ.get("BENCH_DRAWING") or 60)
WORKERS = 2
GIVE_UP = 3600  # seconds of one step
BEAT = 10  # seconds from one sweep of the outbox to the next, as the calendar has it
#: What two orders of a month hold: lines of the sample order, by their rank.
_LINES = """
CREATE TEMPORARY TABLE wanted AS
SELECT nextval('order_order_id_seq') AS order_id, structures.id AS structure_id, turn,
       row_number() OVER () AS rank
FROM unnest(%(structures)s) AS structures(id), generate_series(1, 2) AS turn;
INSERT INTO order_order
SELECT (jsonb_populate_record(sample, jsonb_build_object(
    'id', order_id, 'number', 'B' || lpad(rank::text, 8, '0')))).*
FROM order_order sample, wanted WHERE sample.id = %(order)s;
INSERT INTO ordering_placedorder
SELECT (jsonb_populate_record(sample, jsonb_build_object(
    'order_id', wanted.order_id, 'uuid', gen_random_uuid(), 'key', gen_random_uuid(),
    'structure_id', wanted.structure_id, 'free_units', 0))).*
FROM ordering_placedorder sample, wanted WHERE sample.order_id = %(order)s;
INSERT INTO order_line
SELECT (jsonb_populate_record(sample, jsonb_build_object(
    'id', nextval('order_line_id_seq'), 'order_id', wanted.order_id))).*
FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM order_line
      WHERE order_id = %(order)s) numbered
JOIN order_line sample USING (id), wanted WHERE place <= 1 + wanted.turn;
DROP TABLE wanted
"""


def fill() -> Any:
    """Write the seller, a référent, the structures and their orders; return the référent."""
    from django.db import connection  # noqa: PLC0415  (Django's settings come first)

    from portal.structures.models import Structure  # noqa: PLC0415
    from shop.ordering.models import PlacedOrder  # noqa: PLC0415
    from tests.billing import world  # noqa: PLC0415

    world.seller()
    world.stock(monde=2, illimite_france=2, internet_mobile_8_go=2)
    sample = world.ordered(world.customer(), monde=1, illimite_france=2, internet_mobile_8_go=1)
    structures = Structure.objects.bulk_create(
        Structure(
            name=f"CCAS du Mesnil {number:05d}",
            state=Structure.State.ACTIVE,
            siret=world.siret(),
            address="1 place de la Mairie",
            postcode="76240",
            city="Le Mesnil-Esnard",
        )
        for number in range(STRUCTURES)
    )
    given = {"structures": [one.pk for one in structures], "order": sample.pk}
    with connection.cursor() as cursor:
        for statement in _LINES.split(";"):
            cursor.execute(statement, given)
        # The sample's own structure is left out: it has a référent, who would get an e-mail.
        PlacedOrder.objects.filter(pk=sample.pk).update(placed_at=world.noon(dt.date(2020, 1, 1)))
        cursor.execute("ANALYZE")
    return world.manager()


@contextlib.contextmanager
def workers(log: Path) -> Iterator[int]:
    """Run the Procfile's worker, and yield the number of the process that leads the two.

    Args:
        log: what receives its lines.
    """
    command = [sys.executable, "-m", "celery", "--app", "portal", "worker"]
    command += ["--concurrency", str(WORKERS), "--loglevel", "warning"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"CELERY_TASK_ALWAYS_EAGER": "0"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def children(leader: int) -> list[int]:
    """Return the numbers of the worker processes."""
    return [int(one) for one in Path(f"/proc/{leader}/task/{leader}/children").read_text().split()]


def peaks(leader: int) -> list[float]:
    """Return the most memory that each worker process has held, in MB, the largest first."""
    found = []
    for child in children(leader):
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{child}/status").read_text()
            found += [int(size) * 1024 / 1e6 for size in re.findall(r"VmHWM:\s+(\d+) kB", status)]
    return sorted(found, reverse=True)


def busy(leader: int) -> float:
    """Return the seconds of processor that the workers and their database's processes have used.

    On a machine with other work they say more than a clock does.
    """
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        backends = [pid for (pid,) in cursor.fetchall()]
    ticks = 0
    for one in [*children(leader), *backends]:
        with contextlib.suppress(OSError):  # a database on another machine
            spent = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(spent[11]) + int(spent[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def until(is_done: Callable[[], bool], *, within: float = 0) -> None:
    """Wait, and sweep the outbox as the calendar does.

    Args:
        is_done: asked again and again.
        within: seconds after which to go on, done or not; none for `GIVE_UP`.

    Raises:
        TimeoutError: it is not done ``GIVE_UP`` seconds later.
    """
    from portal.outbox.tasks import sweep  # noqa: PLC0415

    started = swept = time.monotonic()
    while not is_done():
        moment = time.monotonic()
        if within and moment - started > within:
            return
        if moment - started > GIVE_UP:
            raise TimeoutError
        if moment - swept > BEAT:
            sweep.apply_async()
            swept = moment
        time.sleep(0.2)


def now(leader: int) -> tuple[float, float]:
    """Return the clock, and the processor's seconds until now."""
    return time.monotonic(), busy(leader)


def measure(log: Path) -> list[list[str]]:
    """Invoice a month; return the lines of the table.

    Raises:
        AssertionError: a number is missing or doubled, or the books do not agree.
    """
    from django.utils import timezone  # noqa: PLC0415

    from portal.outbox.models import OutboxMessage  # noqa: PLC0415
    from shop.billing import issuing, runs  # noqa: PLC0415
    from shop.billing.models import BillingRun, Invoice, InvoiceDocument  # noqa: PLC0415
    from shop.billing.reconcile import gaps  # noqa: PLC0415
    from tests.billing import world  # noqa: PLC0415

    by = fill()
    lines: list[list[str]] = []

    def step(name: str, since: tuple[float, float], done: int, leader: int) -> None:
        seconds, cpu = time.monotonic() - since[0], busy(leader) - since[1]
        memory = " and ".join(f"{one:.0f}" for one in peaks(leader))
        all_of_them = seconds / max(done, 1) * 10_000 / 60
        each = f"{1000 * cpu / max(done, 1):.0f} ms"
        cells = [f"{done:,}", f"{seconds:.1f} s", f"{done / seconds:.1f}/s", each]
        lines.append([name, *cells, f"{all_of_them:.1f} min", f"{memory} MB"])
        say("  " + ", ".join(lines[-1]))

    with workers(log) as leader:
        until(lambda: len(peaks(leader)) >= WORKERS)
        started = now(leader)
        run = runs.open_month(world.last_month(), by=by)
        until(lambda: Invoice.objects.exclude(total=0).count() >= STRUCTURES)
        step("preparing", started, STRUCTURES, leader)
        middle = now(leader)
        issuing.issue_run(run, by=by)
        until(BillingRun.objects.filter(pk=run.pk, state=BillingRun.State.ISSUED).exists)
        step("numbering", middle, STRUCTURES, leader)
        step("the run", started, STRUCTURES, leader)
        # A run spreads them on purpose (`issuing.PACE`); here, as fast as the two can.
        waiting = OutboxMessage.objects.filter(topic=issuing.ISSUED_TOPIC, delivered_at=None)
        waiting.update(due_at=timezone.now())
        before, end = InvoiceDocument.objects.count(), now(leader)
        until(lambda: InvoiceDocument.objects.count() >= STRUCTURES, within=DRAWING)
        step("drawing", end, InvoiceDocument.objects.count() - before, leader)
        waiting.delete()
    numbers = list(Invoice.objects.order_by("rank").values_list("rank", flat=True))
    if numbers != list(range(1, STRUCTURES + 1)):
        raise AssertionError("The numbers have a hole.")
    if found := gaps():
        raise AssertionError(found[:5])
    return lines


def table() -> None:
    """Measure on a database of its own and print the table."""
    import django  # noqa: PLC0415

    django.setup()
    from tests.bench import world  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as scratch, world.database() as url:
        os.environ["DATABASE_URL"] = url
        log = Path(scratch, "worker.log")
        try:
            lines = measure(log)
        except (AssertionError, TimeoutError) as error:
            error.add_note(log.read_text(encoding="utf-8")[-4000:])
            raise
    heads = ["a month of invoices", "done", "took", "pace", "processor, each"]
    heads += ["10,000 take", "peak of each worker"]
    say(report.plain_table(heads, lines))


def main() -> None:
    """Measure it alone."""
    from tests.bench.__main__ import environment  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(environment(Path(scratch)))
        import django  # noqa: PLC0415

        django.setup()
        from portal import logs  # noqa: PLC0415

        logs.configure(json=True, level="WARNING")
        table()
        say(f"{report.machine()}.")


if __name__ == "__main__":
    main()
