"""A shop grown large: many codes in stock, many structures with their quotas."""

import datetime as dt
import os
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing.context import SpawnContext
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from portal.privacy.crypto import encrypt
from portal.structures.models import Agreement, Amendment, Structure
from shop.products.models import ProductTerms
from shop.quotas.models import FreeQuota
from shop.recharges.models import CodeLot, RechargeCode
from tests.bench import process
from tests.bench.world import FIRST_OF_BULK

CODES = int(os.environ.get("BENCH_CODES") or 1_000_000)
STRUCTURES = int(os.environ.get("BENCH_STRUCTURES") or 10_000)
WORKERS = 2  # processes that write codes
GRANTED = 100_000  # units of each structure's quota
PRODUCT = "internet-mobile-8-go"
_COPY = """
COPY recharges_rechargecode
    (uuid, lot_id, product_id, secret, fingerprint, serial, expires_on, state) FROM STDIN
"""


def grow(context: SpawnContext) -> None:
    """Add codes and structures up to `CODES` and `STRUCTURES`, and gather the statistics."""
    products = list(
        ProductTerms.objects.filter(kind=ProductTerms.Kind.CODE)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    missing = max(0, CODES - RechargeCode.objects.count())
    lot = CodeLot.objects.create(name="Lot immense", size=missing)
    edges = [missing * worker // WORKERS for worker in range(WORKERS + 1)]
    with ProcessPoolExecutor(WORKERS, context, process.start) as pool:
        parts = [
            pool.submit(write_codes, lot.pk, products, start, end) for start, end in pairwise(edges)
        ]
        write_structures(max(0, STRUCTURES - Structure.objects.count()))
        for part in parts:
            part.result()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def write_codes(lot: int, products: list[int], start: int, end: int) -> None:
    """Write the codes of one process, as an import would leave them: encrypted, each its own."""
    last_day = timezone.localdate() + dt.timedelta(days=300)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for number in range(start, end):
            secret = f"{FIRST_OF_BULK + number:010d}"
            product = products[number % len(products)]
            expires_on = last_day + dt.timedelta(days=number % 90)
            mark = RechargeCode.fingerprint_of(secret)
            copy.write_row(
                (uuid4(), lot, product, encrypt(secret), mark, "", expires_on, "available")
            )


def write_structures(count: int) -> None:
    """Write structures that may order, each with a quota of its own."""
    start = timezone.localdate()
    end = start + dt.timedelta(days=300)
    days = {"starts_on": start, "ends_on": end}
    product = ProductTerms.objects.get(product__upc=PRODUCT).pk
    structures = Structure.objects.bulk_create(
        Structure(name=f"Structure {number:05d}", state=Structure.State.ACTIVE)
        for number in range(count)
    )
    agreements = Agreement.objects.bulk_create(
        Agreement(structure=one, state=Agreement.State.IN_FORCE, signed_on=start, **days)
        for one in structures
    )
    amendments = Amendment.objects.bulk_create(
        Amendment(agreement=one, state=Amendment.State.VALIDATED, label="Mesure", **days)
        for one in agreements
    )
    FreeQuota.objects.bulk_create(
        FreeQuota(
            structure=one.agreement.structure,
            amendment=one,
            product_id=product,
            granted=GRANTED,
            **days,
        )
        for one in amendments
    )
