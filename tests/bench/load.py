"""The load: pages asked for as fast as they come, and whole orders. It runs in its own process.

Nothing of Django is imported here, and a page's request is built beforehand: the cores are the
server's.
"""

import itertools
import re
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.wire import (
    BARE,
    BLOCK,
    COUNTED,
    Answer,
    Visitor,
    WrongAnswerError,
    answer_length,
    connect,
    exchange,
    request_bytes,
)

LOGIN, SHOP, BASKET = "/connexion/", "/offre-solidaire/", "/panier/"
ADD, CONFIRM, EMPTY = "/panier/ajouter/", "/commande/", "/panier/vider/"
_CODE = re.compile(r'data-copy="([^"]+)"')
Products = dict[str, int]  # units by the products' keys
ATTEMPTS = 400  # connections opened to find evenly spread ones


@dataclass(frozen=True)
class Pace:
    """How fast something went.

    Attributes:
        seconds: how long it was done again and again.
        times: milliseconds of each, sorted.
    """

    seconds: float
    times: list[float]

    @property
    def rate(self) -> float:
        """How many a second."""
        return len(self.times) / self.seconds

    def percentile(self, percent: int) -> float:
        """Return the milliseconds that ``percent`` of all stayed below."""
        return self.times[min(len(self.times) - 1, len(self.times) * percent // 100)]


def joined(paces: list[Pace]) -> Pace:
    """Return several turns as one pace."""
    return Pace(
        sum(pace.seconds for pace in paces),
        sorted(milliseconds for pace in paces for milliseconds in pace.times),
    )


@dataclass
class Orders:
    """What came of a run of orders: how fast, and every code that was shown, in order."""

    pace: Pace
    codes: list[str] = field(default_factory=list)


def sign_in(port: int, email: str, password: str) -> tuple[dict[str, str], float]:
    """Log in as a person does; return the cookies, and the milliseconds of sending the form.

    Raises:
        WrongAnswerError: the login refused.
    """
    visitor = Visitor(port)
    page = visitor.get(LOGIN)
    form = page.form(LOGIN) | {"login": email, "password": password}
    started = time.perf_counter()
    answer = visitor.post(LOGIN, form, follow=False)
    spent = (time.perf_counter() - started) * 1000
    visitor.close()
    if answer.status != 302 or answer.header("location").startswith(LOGIN):
        raise WrongAnswerError(f"The login of {email} was refused.")
    return visitor.cookies, spent


def look(port: int, path: str, cookies: dict[str, str]) -> Answer:
    """Return one counted answer."""
    visitor = Visitor(port, cookies, counted=True)
    answer = visitor.get(path)
    visitor.close()
    return answer


def flood(
    port: int, path: str, cookies: dict[str, str], *, connections: int, seconds: float
) -> Pace:
    """Ask for one page on each connection again as soon as it has answered.

    Args:
        port: of the server.
        path: of the page; ``{}`` in it becomes another number each time.
        cookies: of who asks.
        connections: how many.
        seconds: for how long.

    Raises:
        WrongAnswerError: an answer was not 200.
    """
    requests = _endless(request_bytes(path, port=port, cookies=cookies))
    links = spread(port, connections)
    received = {link: bytearray() for link in links}
    sent: dict[socket.socket, float] = {}  # by link that waits for an answer
    times: list[float] = []
    clock = time.perf_counter
    with selectors.DefaultSelector() as selector:
        for link in links:
            selector.register(link, selectors.EVENT_READ)
        started = clock()
        for link in links:
            sent[link] = clock()
            link.sendall(next(requests))
        while sent:  # to the last answer: nothing is left for the server to do meanwhile
            for key, _ in selector.select(1):
                link: socket.socket = key.fileobj  # type: ignore[assignment]
                if not _complete(link, received[link]):
                    continue
                now = clock()
                times.append((now - sent.pop(link)) * 1000)
                if now - started < seconds:
                    received[link].clear()
                    sent[link] = now
                    link.sendall(next(requests))
    for link in links:
        link.close()
    return Pace(now - started, sorted(times))


def _endless(request: bytes) -> Iterator[bytes]:
    if b"{}" not in request:
        return itertools.repeat(request)
    return (request.replace(b"{}", b"%d" % number) for number in itertools.count(time.time_ns()))


def _complete(link: socket.socket, received: bytearray) -> bool:
    block = link.recv(BLOCK)
    if not block:
        raise ConnectionError("The server closed the connection.")
    received += block
    length = answer_length(received)
    if not length or len(received) < length:
        return False
    if received[9:12] != b"200":
        raise WrongAnswerError(f"The server answered {bytes(received[:60])!r}.")
    return True


def spread(port: int, connections: int, workers: int = 2) -> list[socket.socket]:
    """Open connections, as many to each of the server's processes.

    A connection stays with the process that accepted it, and chance would give one of them most
    of the work in one run and not in the next.

    Raises:
        WrongAnswerError: a process never answered.
    """
    most = -(-connections // workers)
    held: Counter[str] = Counter()
    links, refused = [], []
    question = request_bytes(BARE, port=port, headers=[COUNTED])
    for _ in range(ATTEMPTS):
        link = connect(port)
        worker = exchange(link, question).header("x-bench-worker")
        if held[worker] < most:
            held[worker] += 1
            links.append(link)
            if len(links) == connections:
                break
        else:
            refused.append(link)
    for link in refused:
        link.close()
    if len(links) < connections:
        raise WrongAnswerError(f"Only these processes answer: {dict(held)}.")
    return links


def order(visitor: Visitor, products: Products, *, script: bool) -> list[str]:
    """Order some products, from the shop's page to the numbers; return these.

    Args:
        visitor: logged in.
        products: units by the products' keys.
        script: as a browser with JavaScript, which stays on the shop's page while products are
            added; without it each addition comes back to a new one.

    Raises:
        WrongAnswerError: not every unit gave a number of its own.
    """
    page = visitor.get(SHOP)
    for upc, units in products.items():
        fields = page.form(ADD) | {"product": upc, "quantity": str(units)}
        answer = visitor.post(ADD, fields, htmx=script)
        page = page if script else answer
    page = visitor.get(BASKET)
    page = visitor.post(CONFIRM, page.form(CONFIRM))
    codes = _CODE.findall(page.text)
    units = sum(products.values())
    if len(codes) != units or len(set(codes)) != units:
        raise WrongAnswerError(f"{units} units gave {len(codes)} numbers.")
    return codes


def order_repeatedly(
    port: int,
    clients: list[dict[str, str]],
    products: Products,
    *,
    script: bool,
    seconds: float,
) -> Orders:
    """Let each client order again and again; each is logged in already.

    Args:
        port: of the server.
        clients: the cookies of each.
        products: what each order is of.
        script: see `order`.
        seconds: how long a new order is begun.

    Raises:
        WrongAnswerError: a page was wrong, or a number was shown twice.
    """
    results: list[tuple[float, list[str]]] = []
    failures: list[Exception] = []
    together = threading.Barrier(len(clients) + 1)

    def work(cookies: dict[str, str]) -> None:
        visitor = Visitor(port, dict(cookies))
        together.wait()
        ends = time.perf_counter() + seconds
        try:
            while (began := time.perf_counter()) < ends:
                codes = order(visitor, products, script=script)
                results.append(((time.perf_counter() - began) * 1000, codes))
        except (WrongAnswerError, OSError) as error:
            failures.append(error)
        visitor.close()

    threads = [threading.Thread(target=work, args=[cookies]) for cookies in clients]
    for thread in threads:
        thread.start()
    together.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - started
    if failures:
        raise failures[0]
    codes = [code for _, given in results for code in given]
    if len(set(codes)) != len(codes):
        raise WrongAnswerError("A number was shown twice.")
    pace = Pace(spent, sorted(milliseconds for milliseconds, _ in results))
    return Orders(pace, codes)


def cost_of_an_order(
    port: int, cookies: dict[str, str], products: Products, *, script: bool
) -> tuple[int, int]:
    """Return the requests and the SQL queries of one whole order."""
    visitor = Visitor(port, dict(cookies), counted=True)
    order(visitor, products, script=script)
    visitor.close()
    return visitor.requests, visitor.queries


def fill_basket(port: int, cookies: dict[str, str], products: Products) -> None:
    """Leave some products in the basket, and the messages about them read."""
    visitor = Visitor(port, dict(cookies))
    page = visitor.get(SHOP)
    for upc, units in products.items():
        page = visitor.post(ADD, page.form(ADD) | {"product": upc, "quantity": str(units)})
    visitor.close()
