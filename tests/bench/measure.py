"""What is measured, in which order, and the printing of it."""

import statistics
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.bench import load, report

Ask = Callable[..., Any]
WARM_UP = 0.5  # seconds
CONNECTIONS = 8
CLIENTS = 4
TURNS = 5  # of a page and the bare view
ORDERS_BEFORE = 5  # what MON COMPTE lists
#: Two lines that a free quota covers, and a paid one.
THREE_LINES = {"recharge-exceptionnelle": 1, "internet-mobile-8-go": 1, "monde": 1}
ONE_LINE = {"internet-mobile-8-go": 1}


def measure(
    ask: Ask, people: list[tuple[str, str]], guide: str, seconds: float
) -> list[dict[str, str]]:
    """Measure and print the pages and small orders; return the cookies of those who order.

    Args:
        ask: calls a function of `tests.bench.load` in the load's process.
        people: e-mails and passwords: who reads pages, then who orders.
        guide: address of a guide.
        seconds: given to each measurement.
    """
    signed_in = [ask(load.sign_in, *person) for person in people]
    partner, *clients = [cookies for cookies, _ in signed_in]
    login = statistics.median(spent for _, spent in signed_in)
    for _ in range(ORDERS_BEFORE):
        ask(load.cost_of_an_order, partner, ONE_LINE, script=True)
    ask(load.fill_basket, partner, THREE_LINES)

    pages, bare_rates = measure_pages(ask, guide, partner, seconds)
    orders = [
        measure_orders(ask, "order of 1 line", clients, ONE_LINE, seconds),
        measure_orders(ask, "order of 3 lines", clients, THREE_LINES, seconds),
        measure_orders(ask, "same, no JavaScript", clients, THREE_LINES, seconds, script=False),
    ]
    say("")
    say(report.table(pages, orders))
    say("")
    say("Milliseconds. Bytes as sent, and as a proxy in front would compress them. × bare: the")
    say("bare view's requests a second over the page's, at 8 connections, in turns.")
    say(
        f"The bare view's turns: {bare_rates[0]:,.0f} to {bare_rates[-1]:,.0f} a second "
        "(far apart: the machine had other work, and the figures are worth little)."
    )
    say(f"Login, apart: {login:.0f} ms for the form (median of {len(signed_in)}).")
    return clients


def measure_pages(
    ask: Ask, guide: str, partner: dict[str, str], seconds: float
) -> tuple[list[report.Row], list[float]]:
    """Return the bare view's line and a line for each page, seen by a partner.

    And the bare view's requests a second in each turn, sorted.
    """
    paths = {
        "home": "/",
        "guide": guide,
        "FAQ": "/faq/",
        "FAQ search": "/faq/?q=recharge",
        "FAQ search, new": "/faq/?q=recharge&page={}",  # an address that was never kept
        "OFFRE SOLIDAIRE": load.SHOP,
        "basket, 3 lines": load.BASKET,
        "MON COMPTE": "/mon-compte/",
    }
    bare_alone = ask(load.flood, load.BARE, {}, connections=1, seconds=seconds)
    rows: list[report.Row] = []
    bares: list[load.Pace] = []
    for name, path in paths.items():
        say(f"  {name}")
        ask(load.flood, path, partner, connections=CONNECTIONS, seconds=WARM_UP)
        answer = ask(load.look, path, partner)
        alone = ask(load.flood, path, partner, connections=1, seconds=seconds)
        busy, turns, ratio = alternate(ask, path, partner, seconds)
        bares += turns
        rows.append(
            report.Row(name, alone, busy, queries=answer.queries, body=answer.body, ratio=ratio)
        )
    nothing = ask(load.look, load.BARE, {}).body
    first = report.Row("bare view", bare_alone, load.joined(bares), body=nothing)
    return [first, *rows], sorted(pace.rate for pace in bares)


def alternate(
    ask: Ask, path: str, partner: dict[str, str], seconds: float
) -> tuple[load.Pace, list[load.Pace], float]:
    """Measure a page and the bare view in turns, at eight connections.

    Returns:
        The page's pace, the bare view's turns, and the median of their ratios: what else the
        machine does for a moment spoils a turn or two, not the ratio.
    """
    pages, bares = [], []
    for _ in range(TURNS):
        turn = partial(ask, load.flood, connections=CONNECTIONS, seconds=seconds / TURNS)
        bares.append(turn(load.BARE, {}))
        pages.append(turn(path, partner))
    ratios = [bare.rate / page.rate for bare, page in zip(bares, pages, strict=True)]
    return load.joined(pages), bares, statistics.median(ratios)


def measure_orders(
    ask: Ask,
    name: str,
    clients: list[dict[str, str]],
    products: load.Products,
    seconds: float,
    *,
    script: bool = True,
) -> report.Row:
    """Return the line of orders of ``products``, one unit each."""
    say(f"  {name}")
    requests, queries = ask(load.cost_of_an_order, clients[0], products, script=script)
    run = partial(ask, load.order_repeatedly, products=products, script=script, seconds=seconds)
    alone, busy = run(clients=clients[:1]), run(clients=clients[:CLIENTS])
    shown = alone.codes + busy.codes
    if len(set(shown)) != len(shown):
        raise load.WrongAnswerError("A number was shown twice.")
    return report.Row(name, alone.pace, busy.pace, requests=requests, queries=queries)


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
