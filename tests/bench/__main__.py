"""Measure the pages and the orders, and print one table.

``BENCH_SECONDS`` is how long each page and each kind of order is measured (5 by default);
``BENCH_CODES`` and ``BENCH_STRUCTURES`` how large the shop grows (1,000,000 and 10,000);
``BENCH_REQUESTS`` how many activations are asked for (1,000,000); ``BENCH_INVOICES`` how many
structures a month is invoiced for (10,000), and ``BENCH_DRAWING`` for how many seconds documents
are drawn (60). With no ``DATABASE_URL`` and no
``REDIS_URL`` the embedded servers are used. Nothing here passes or fails by a time: figures of two
machines, or of a busy one, do not compare. What a page answers and the numbers that an order shows
are checked.
"""

import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any

from portal import embedded
from tests.bench import report
from tests.bench.measure import Ask, measure, say
from tests.support.check import production_environment


def main() -> None:
    """Prepare, measure, print."""
    seconds = float(os.environ.get("BENCH_SECONDS") or 5)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(environment(Path(scratch)))
        say("Preparing a database …")
        import django  # noqa: PLC0415  (it reads the environment above)

        django.setup()
        from portal import logs  # noqa: PLC0415
        from tests.bench import (  # noqa: PLC0415
            billing,
            exchange,
            imports,
            server,
            volume,
            world,
        )

        logs.configure(json=True, level="WARNING")
        context = multiprocessing.get_context("spawn")
        with world.database() as url, ProcessPoolExecutor(1, mp_context=context) as pool:
            os.environ["DATABASE_URL"] = url
            people, guide, engine = world.fill(), world.a_guide(), world.engine()
            say("Starting the server …")
            with server.running(Path(scratch, "server.log")) as port:
                ask = partial(answer_of, pool, port)
                say(f"Measuring, {seconds:g} s each …")
                clients = measure(ask, people, guide, seconds)
                measure_large(ask, clients, seconds, context)
        say("")
        say("Lots, each read and imported in a database and by a process of its own:")
        imports.table(tuple(sorted({min(volume.CODES, imports.SIZES[0]), volume.CODES})))
        say("")
        say("A batch of SIM activations to SFR and its answers, in a database of their own:")
        exchange.table()
        say("")
        say("A month invoiced by two workers, in a database of its own:")
        billing.table()
        say("")
        say(f"{report.machine()}; {engine}.")


def measure_large(
    ask: Ask, clients: list[dict[str, str]], seconds: float, context: SpawnContext
) -> None:
    """Measure what has grown large: the stock, the operators' queue, the guides and the FAQ."""
    from tests.bench import knowledge, queue, stock  # noqa: PLC0415

    stock.measure_stock(ask, clients, seconds, context)
    tables = queue.measure_queue(ask, seconds)
    say("")
    say("The operators' queue, one connection:")
    say(tables)
    content = knowledge.measure_knowledge(ask, clients[0], seconds)
    say("")
    say("Guides and FAQ, eight connections; then their searches, by the database's own clock:")
    say(content)


def environment(scratch: Path) -> dict[str, str]:
    """Return the variables that production asks for, pointing at real servers.

    Args:
        scratch: a directory for static files and media.
    """
    return production_environment(scratch) | {
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "DATABASE_URL": os.environ.get("DATABASE_URL", "").strip() or embedded.database_url(),
        "REDIS_URL": os.environ.get("REDIS_URL", "").strip() or embedded.redis_url(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "BASE_URL": "http://127.0.0.1",
    }


def answer_of(
    pool: ProcessPoolExecutor, port: int, function: Ask, *given: Any, **named: Any
) -> Any:
    """Call a function of `tests.bench.load` in the load's process and return its answer."""
    return pool.submit(function, port, *given, **named).result()


if __name__ == "__main__":
    main()
