"""The claim of codes reads its index from the start, whatever the stock and the planner's costs.

With PostgreSQL's default ``random_page_cost`` a planner that sorted the free codes instead would
make each order slower with each import.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from shop.recharges.services import _CLAIM
from tests import factories

pytestmark = pytest.mark.django_db

MANY = 12_000
#: Rows as an import writes them; what they hold does not matter to the planner.
FILL = """
INSERT INTO recharges_rechargecode
    (uuid, lot_id, product_id, secret, fingerprint, serial, expires_on, state)
SELECT gen_random_uuid(), %(lot)s, %(product)s, repeat('x', 140), md5(n::text) || %(product)s, '',
       current_date + 100 + n / 10000, 'available'
FROM generate_series(%(first)s::int, %(last)s::int) n
"""


@contextmanager
def setting(name: str, value: str) -> Iterator[Any]:
    """Yield a cursor for which a planner's setting has another value."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {name} = {value}")
        yield cursor
        cursor.execute(f"SET LOCAL {name} TO DEFAULT")


@pytest.fixture
def products() -> list[int]:
    """Two products; a lot of a few codes of each is in stock, and the statistics know of it."""
    upcs = ["monde", "illimite-france"]
    for start, upc in enumerate(upcs):
        factories.lot(upc, factories.codes(10, start=100 * start))
    analyze()
    return [factories.product(upc).pk for upc in upcs]


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE recharges_rechargecode")


def fill(products: list[int], *, again: bool = False) -> None:
    lot = factories.CodeLot.objects.order_by("pk")[0].pk
    with connection.cursor() as cursor:
        for product in products:
            numbers = {"first": MANY * again + 1, "last": MANY * again + MANY}
            cursor.execute(FILL, {"lot": lot, "product": product} | numbers)


def give_nearly_all(products: list[int]) -> None:
    """Give out all but the last thousand of each product, to nobody in particular."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recharges_rechargecode SET state = 'expired' WHERE id NOT IN ("
            " SELECT id FROM recharges_rechargecode ORDER BY expires_on DESC LIMIT 2000)"
        )


def fresh(products: list[int]) -> None:
    """Import much, as if the statistics were gathered at once."""
    fill(products)
    analyze()


def worn(products: list[int]) -> None:
    """Import much, and give nearly all of it out."""
    fresh(products)
    give_nearly_all(products)
    analyze()


def sold_out_then_filled(products: list[int]) -> None:
    """Import much of what was sold out when the statistics were gathered."""
    fill(products)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE recharges_rechargecode SET state = 'expired'")
    analyze()
    fill(products, again=True)


def plan_of_a_claim(cursor: Any, product: int) -> str:
    """Return the plan of a claim that this connection has run often, and so prepared."""
    names = {"product": "$1", "today": "$2", "units": "$3", "line": "$4", "now": "$5"}
    types = "bigint, date, int, bigint, timestamptz"
    cursor.execute(f"PREPARE claim ({types}) AS {_CLAIM % names}")
    for _ in range(8):  # five are planned by their values, then the planner compares
        cursor.execute(f"EXECUTE claim ({product}, current_date, 0, NULL, now())")
    cursor.execute(f"EXPLAIN EXECUTE claim ({product}, current_date, 5, NULL, now())")
    plan = "\n".join(row[0] for row in cursor.fetchall())
    cursor.execute("DEALLOCATE claim")
    return plan


@pytest.mark.parametrize("history", [fresh, worn, sold_out_then_filled])
def test_the_claim_reads_its_index(products: list[int], history: Any) -> None:
    history(products)
    for cost in ("1.1", "4"):
        with setting("random_page_cost", cost) as cursor:
            plans = [plan_of_a_claim(cursor, product) for product in products]
        for plan in plans:
            assert "Index Scan using recharges_claim" in plan, plan
            assert "Sort" not in plan, plan
            assert "Seq Scan" not in plan, plan


def test_an_import_tells_the_planner_of_its_codes() -> None:
    factories.lot("monde", factories.codes(300))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'recharges_rechargecode'")
        assert cursor.fetchone() == (300,)
