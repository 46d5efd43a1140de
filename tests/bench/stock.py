"""Orders and allocation as the stock grows, and the memory that the server took meanwhile."""

import time
from collections.abc import Sequence
from functools import partial
from multiprocessing.context import SpawnContext

import psutil

from portal.structures.models import Structure
from shop.ordering.reconcile import RULES, check
from shop.recharges.models import RechargeCode
from tests.bench import allocation, load, report, structures, volume
from tests.bench.measure import Ask, say

CLIENTS = (1, 4, 16)
#: Five codes: three that a free quota covers, and two paid ones.
FIVE_CODES = {"recharge-exceptionnelle": 1, "internet-mobile-8-go": 2, "monde": 2}


def measure_stock(
    ask: Ask, clients: list[dict[str, str]], seconds: float, context: SpawnContext
) -> None:
    """Measure orders with the stock as it is and with a large one, then allocation alone."""
    run = partial(ask, load.order_repeatedly, products=FIVE_CODES, script=True, seconds=seconds)
    lines: list[Sequence[str]] = []
    for grown in (False, True):
        if grown:
            say(f"Growing to {volume.CODES:,} codes and {volume.STRUCTURES:,} structures …")
            volume.grow(context)
        size = f"{RechargeCode.objects.count():,}"
        say(f"  orders of 5 codes, {size} in the books")
        paces = [run(clients=clients[:count]).pace for count in CLIENTS]
        cells = [cell for pace in paces for cell in report.pace(pace)]
        lines.append([size, f"{Structure.objects.count():,}", *cells])
    heads = [cell for count in CLIENTS for cell in (f"/s, {count}", "p50", "p99")]
    say("")
    say("Orders of 5 codes in 3 lines, from the shop's page to the numbers, by clients at once:")
    say(report.plain_table(["codes", "structures", *heads], lines))
    say("")
    say(nightly_count())
    say("")
    say("Lists of structures, one connection:")
    say(structures.measure_structures(ask, seconds))
    say("")
    say("  allocation")
    rates = [
        [str(one.processes), f"{one.ours:,.0f}", f"{one.bare:,.0f}", f"{one.ours / one.bare:.2f}"]
        for one in allocation.measure_allocation(context, seconds)
    ]
    say("Allocation of 5 codes on a quota, transactions a second:")
    say(report.plain_table(["processes", "ours", "bare psycopg", "ours/bare"], rates))
    say("")
    say(memory())


def nightly_count() -> str:
    """Count the books again, and say how long it took.

    Raises:
        load.WrongAnswerError: they do not agree after all these orders.
    """
    spent = {}
    for name in RULES:
        started = time.perf_counter()
        if check(name):
            raise load.WrongAnswerError(f"The books disagree: {check(name)[:5]}")
        spent[name] = time.perf_counter() - started
    slowest = max(spent, key=lambda name: spent[name])
    return (
        f"The nightly count agrees, in {sum(spent.values()):.1f} s "
        f"(« {slowest} »: {spent[slowest]:.1f} s)."
    )


def memory() -> str:
    """Say what the server's processes hold, shared pages counted in part (PSS, Linux only)."""
    here = psutil.Process()
    found = [one for one in here.children(recursive=True) if "tests.bench.wsgi" in one.cmdline()]
    held = [getattr(info := one.memory_full_info(), "pss", info.rss) for one in found]
    mine = here.memory_info().rss
    sizes = ", ".join(f"{size / 2**20:.0f}" for size in held)
    return f"Memory of the server's processes: {sizes} MB; of this program: {mine / 2**20:.0f} MB."
