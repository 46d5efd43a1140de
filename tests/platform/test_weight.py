"""What a first visit weighs: less than 100 kB, on a phone and on a computer.

Counted as a browser asks for it with an empty cache and without scrolling: text as gzip makes it
(production serves its files smaller still, as brotli), pictures and fonts as they are.
"""

import contextlib
import gzip
from collections.abc import Iterator, Sequence

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Response

from knowledge.models import GuidePage
from portal.structures.models import Membership
from tests import factories
from tests.support.browser import new_context
from tests.support.server import StartServer

LIMIT = 100_000  # bytes
TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")
WINDOWS = ((360, 640), (1440, 900))
SIDE_BY_SIDE = 7  # pages open at once


def weight(response: Response) -> int:
    """Return how many bytes an answer takes on the line, its headers left out."""
    body = response.body()
    kind = response.headers.get("content-type", "")
    return len(gzip.compress(body, 6)) if kind.startswith(TEXT) else len(body)


def first_visits(
    browser: Browser, visits: Sequence[tuple[str, str]], width: int, height: int
) -> dict[str, int]:
    """Return the weight of all that a browser asks for to show pages, nothing kept, by address.

    They are opened side by side: most of the time goes by until each has nothing more to ask.

    Args:
        visits: addresses, each with a session's key, or nothing.
    """
    name, opened = settings.SESSION_COOKIE_NAME, []
    with contextlib.ExitStack() as stack:
        for address, session in visits:
            context = stack.enter_context(new_context(browser, width=width, height=height))
            if session:
                context.add_cookies([{"name": name, "value": session, "url": address}])
            answers: list[Response] = []
            page = context.new_page()
            page.on("response", lambda answer, kept=answers: kept.append(answer))
            first = page.goto(address, wait_until="commit")
            assert first is not None
            assert (first.status, first.url) == (200, address)
            opened.append((address, page, answers))
        found = {}
        for address, page, answers in opened:
            page.wait_for_load_state("networkidle")
            found[address] = sum(weight(one) for one in answers)
        return found


@pytest.fixture
def member(published: None) -> Membership:
    made: Membership = factories.MembershipFactory()
    factories.product()
    return made


@pytest.fixture
def url(member: Membership, start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


def test_a_first_visit_is_light(browser: Browser, url: str, member: Membership) -> None:
    client = Client()
    client.force_login(member.user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    public = ["/", "/ressources/", "/faq/", "/aide/", "/ressources/estimer-ma-consommation/"]
    public += [guide.url for guide in GuidePage.objects.live().public()]
    private = ["/offre-solidaire/", "/mon-compte/", "/activation-sim/", "/panier/"]
    visits = [(url + path, session if path in private else "") for path in [*public, *private]]
    seen = {
        f"{address} {width} px": bytes_
        for start in range(0, len(visits), SIDE_BY_SIDE)
        for width, height in WINDOWS
        for address, bytes_ in first_visits(
            browser, visits[start : start + SIDE_BY_SIDE], width, height
        ).items()
    }

    assert {where: bytes_ for where, bytes_ in seen.items() if bytes_ >= LIMIT} == {}
    assert min(seen.values()) > 10_000
    assert len(seen) == 2 * len(visits)
