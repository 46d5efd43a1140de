"""Allocation alone: quotas locked and drawn, five codes claimed; ours, and by bare psycopg.

Bare psycopg sends the very statements that ours sent in transactions that were rolled back, with
their values, one transaction each, from as many processes.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing.context import SpawnContext
from typing import Any

import psycopg
from django.db import connection, transaction

from portal.structures.models import Structure
from shop.quotas.models import FreeQuota
from shop.quotas.services import draw, lock_quotas, pools_by_product
from shop.quotas.split import Wanted, split
from shop.recharges.models import RechargeCode
from shop.recharges.services import claim
from tests.bench import process
from tests.bench.volume import GRANTED, PRODUCT

PROCESSES = (1, 2, 4)
UNITS = 5
LINES = 12_000  # order lines a process may use
RECORDED = 2  # transactions recorded for one of ours that was measured
Statements = list[tuple[Any, Any]]

_CLONE = """
INSERT INTO order_line ({columns})
SELECT {columns} FROM (SELECT * FROM order_line ORDER BY id LIMIT 1) one, generate_series(1, %s)
RETURNING id
"""


@dataclass(frozen=True)
class Share:
    """What one process allocates: lines of orders, to structures of its own."""

    product: int
    lines: list[int]
    structures: list[int]
    seconds: float


@dataclass(frozen=True)
class Result:
    """Allocations a second of all processes together."""

    processes: int
    ours: float
    bare: float


def measure_allocation(context: SpawnContext, seconds: float) -> Iterator[Result]:
    """Yield the rates at each number of processes."""
    stock = RechargeCode.objects.filter(state="available", product__upc=PRODUCT)
    for count in PROCESSES:
        lines = min(LINES, stock.count() // 2 // UNITS // count)
        shares = list(_shares(count, lines, seconds))
        barrier = context.Barrier(count)
        with ProcessPoolExecutor(count, context, process.start, (barrier,)) as pool:
            rates = list(pool.map(allocate, shares))
        yield Result(count, sum(ours for ours, _ in rates), sum(bare for _, bare in rates))


def _shares(count: int, lines: int, seconds: float) -> Iterator[Share]:
    """Make order lines, and divide structures."""
    quotas = FreeQuota.objects.filter(product__upc=PRODUCT, granted=GRANTED).order_by("pk")
    structures = list(quotas.values_list("structure", flat=True))
    product = quotas.values_list("product", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM order_line LIMIT 0")
        columns = ", ".join(column.name for column in cursor.description if column.name != "id")
        for number in range(count):
            cursor.execute(_CLONE.format(columns=columns), [lines])
            ids = [row[0] for row in cursor.fetchall()]
            yield Share(product, ids, structures[number::count], seconds)


def allocate(share: Share) -> tuple[float, float]:
    """Return our allocations a second, and bare psycopg's, of this process."""
    act, lines = _act(share), iter(share.lines)
    places = itertools.cycle(share.structures)
    most = len(share.lines) // (RECORDED + 2)
    for _ in range(10):
        act(next(places), next(lines))
    done, ours = _repeat(lambda: act(next(places), next(lines)), share.seconds, most)
    recorded = [_record(act, next(places), next(lines)) for _ in range(RECORDED * done)]
    parameters = connection.get_connection_params()
    wanted = {"dbname", "user", "password", "host", "port", "prepare_threshold"}
    given = {name: value for name, value in parameters.items() if name in wanted}
    with psycopg.connect(**given) as bare:
        transactions = iter(recorded)
        _, theirs = _repeat(lambda: _replay(bare, next(transactions)), share.seconds, len(recorded))
    return ours, theirs


def _act(share: Share) -> Callable[[int, int], None]:
    """Return what `place_order` does of it, with the same services."""
    price = Decimal("4.00")
    wanted = Wanted(1, share.product, "upc", "titre", UNITS, price, "code", False, 20)

    @transaction.atomic
    def act(structure: int, line: int) -> None:
        quotas = lock_quotas(Structure(pk=structure), [share.product])
        parts = split([wanted], pools_by_product(quotas))
        draw((line, one) for one in parts.lines[0].draws)
        claim(product_id=share.product, title="titre", order_line_id=line, units=UNITS)

    return act


def _repeat(act: Callable[[], None], seconds: float, most: int) -> tuple[int, float]:
    """Do something again and again, all processes at once; return how often, and the rate."""
    process.meeting[0].wait(120)
    started, done = time.perf_counter(), 0
    while done < most and time.perf_counter() - started < seconds:
        act()
        done += 1
    return done, done / (time.perf_counter() - started)


def _record(act: Callable[[int, int], None], structure: int, line: int) -> Statements:
    """Return the statements of one allocation, which is rolled back."""
    found: Statements = []

    def note(execute: Callable[..., Any], sql: Any, params: Any, *rest: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, *rest)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            act(structure, line)
        transaction.set_rollback(True)
    return [pair for pair in found if "SAVEPOINT" not in str(pair[0])]


def _replay(bare: psycopg.Connection, statements: Statements) -> None:
    with bare.transaction():
        for sql, params in statements:
            cursor = bare.execute(sql, params)
            if cursor.description:
                cursor.fetchall()
