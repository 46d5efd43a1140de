"""What a first visit weighs: less than 100 kB, on a phone and on a computer.

Counted as a browser asks for it with an empty cache and without scrolling: text as gzip makes it
(production serves its files smaller still, as brotli), pictures and fonts as they are.
"""

import gzip
from collections.abc import Iterator

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


def weight(response: Response) -> int:
    """Return how many bytes an answer takes on the line, its headers left out."""
    body = response.body()
    kind = response.headers.get("content-type", "")
    return len(gzip.compress(body, 6)) if kind.startswith(TEXT) else len(body)


def first_visit(browser: Browser, address: str, session: str, width: int, height: int) -> int:
    """Return the weight of all that a browser asks for to show a page, nothing kept."""
    answers: list[Response] = []
    with new_context(browser, width=width, height=height) as context:
        if session:
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": session, "url": address}])
        page = context.new_page()
        page.on("response", lambda answer: answers.append(answer))
        opened = page.goto(address, wait_until="networkidle")
        assert opened is not None
        assert (opened.status, opened.url) == (200, address)
        return sum(weight(one) for one in answers)


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
    seen = {
        f"{path} {width} px": first_visit(
            browser, url + path, session if path in private else "", width, height
        )
        for path in [*public, *private]
        for width, height in WINDOWS
    }

    assert {where: bytes_ for where, bytes_ in seen.items() if bytes_ >= LIMIT} == {}
    assert min(seen.values()) > 10_000
