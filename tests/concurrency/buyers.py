"""Many partners at once against a real server, each with a form already on their screen."""

import http.client
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db.models import Sum
from django.test import Client
from oscar.core.loading import get_model

from portal.structures.models import Membership
from shop.ordering import baskets
from shop.ordering.models import PlacedOrder, StructureBasket
from shop.ordering.reconcile import gaps
from shop.ordering.services import preview
from shop.quotas.models import QuotaUse
from shop.recharges.models import RechargeCode

OrderLine = get_model("order", "Line")
ROUNDS = int(os.environ.get("ROUNDS") or 2)  # of each proof; `make soak` plays 20

CSRF = "c" * 32
GIVE_UP = 30.0  # seconds that one answer may take
MARKERS = {
    "Le total a changé": "changed",
    "en stock. Votre commande n’a pas été passée": "out of stock",
}


@dataclass(frozen=True)
class Answer:
    """What a buyer got: where they were sent, or the words that they were shown."""

    status: int
    location: str
    body: str

    @property
    def outcome(self) -> str:
        """Say in a word what happened."""
        if self.status == 302 and self.location.startswith("/commande/"):
            return "ordered"
        found = [word for marker, word in MARKERS.items() if marker in self.body]
        return found[0] if self.status == 409 and found else f"status {self.status}"


@dataclass(frozen=True)
class Buyer:
    """A logged-in member whose basket is on their screen."""

    member: Membership
    session: str
    form: dict[str, str]

    def request(self, server: str, method: str, path: str, fields: dict[str, str]) -> Answer:
        """Send a request as a browser does; OSError or HTTPException where the server is gone."""
        link = http.client.HTTPConnection(urlsplit(server).netloc, timeout=GIVE_UP)
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}; csrftoken={CSRF}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            link.request(method, path, urlencode(fields), headers)
            response = link.getresponse()
            body = response.read().decode()
        finally:
            link.close()
        return Answer(response.status, response.headers.get("Location") or "", body)

    def confirm(self, server: str, form: dict[str, str] | None = None) -> Answer:
        """Send the confirmation."""
        fields = (form or self.form) | {"csrfmiddlewaretoken": CSRF}
        return self.request(server, "POST", "/commande/", fields)

    def confirm_until_answered(self, server: str) -> Answer:
        """Send it again, as a person would, as long as the server breaks the connection."""
        deadline = time.monotonic() + GIVE_UP
        while True:
            try:
                return self.confirm(server)
            except (OSError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def read(self, server: str, answer: Answer) -> list[str]:
        """Open the page that the answer leads to and return its numbers."""
        page = self.request(server, "GET", answer.location, {})
        return re.findall(r'data-copy="([0-9]{10})"', page.body)


def form_of(member: Membership) -> dict[str, str]:
    """Return the confirmation's fields as the basket's page would show them now."""
    context = baskets.find_open(member)
    assert context is not None
    return {"key": str(context.key), "seen": preview(member, context).digest}


def buyer(member: Membership, **quantities: int) -> Buyer:
    """Fill a member's basket (``monde=2``) and log them in."""
    for upc, quantity in quantities.items():
        baskets.add(by=member, upc=upc.replace("_", "-"), quantity=quantity)
    client = Client()
    client.force_login(member.user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Buyer(member, session, form_of(member))


def at_once(acts: Iterable[Callable[[], Answer]]) -> list[Answer]:
    """Run every act in a thread of its own, all released together."""
    acts = list(acts)
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Answer]) -> Answer:
        gate.wait(timeout=GIVE_UP)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def outcomes(answers: Iterable[Answer]) -> dict[str, int]:
    """Count the answers by what happened."""
    return dict(Counter(answer.outcome for answer in answers))


def refilled(one: Buyer, **quantities: int) -> Buyer:
    """Put the same things on the screen of a buyer again, unless their basket kept them."""
    if baskets.find_open(one.member) is None:
        for upc, quantity in quantities.items():
            baskets.add(by=one.member, upc=upc.replace("_", "-"), quantity=quantity)
    return replace(one, form=form_of(one.member))


def assert_books_balance() -> None:
    """Check that codes, lines, quotas, ledger, baskets and orders tell one story."""
    assert gaps() == []
    ordered = OrderLine.objects.filter(product__terms__kind="code").aggregate(all=Sum("quantity"))
    assert RechargeCode.objects.filter(state="given").count() == (ordered["all"] or 0)
    taken = QuotaUse.objects.filter(returned_at=None).aggregate(all=Sum("quantity"))
    free = PlacedOrder.objects.aggregate(all=Sum("free_units"))
    assert (taken["all"] or 0) == (free["all"] or 0)

    closed = set(StructureBasket.objects.filter(is_open=False).values_list("key", flat=True))
    assert set(PlacedOrder.objects.values_list("key", flat=True)) == closed
    assert get_model("order", "Order").objects.count() == len(closed)
