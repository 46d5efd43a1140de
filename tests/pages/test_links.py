"""Broken links: found at night in what is published, never asked of a private network."""

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from wagtail.models import Page, PageViewRestriction

from knowledge.models import FaqQuestion, GuidePage
from portal.accounts.roles import Role
from portal.pages.models import BrokenLink
from portal.pages.tasks import check_links
from portal.pages.watch import abroad, links
from tests.pages.people import browser_of

Problem = BrokenLink.Problem
LIST = "/gestion/reports/liens-casses/"


class Site(BaseHTTPRequestHandler):
    """A site: what it answers stands in the address, and what it was asked is kept."""

    asked: list[str] = []

    def do_HEAD(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        status = 200
        if self.path.startswith("/status/"):
            status = int(self.path.removeprefix("/status/"))
        if self.path == "/get-only" and self.command == "HEAD":
            status = 500
        away = {"/moved": "/ok", "/loop": "/loop", "/inside": "http://127.0.0.2:1/"}
        self.send_response(302 if self.path in away else status)
        if self.path in away:
            self.send_header("Location", away[self.path])
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site(settings: Any) -> Iterator[str]:
    """Start a site on a private address that the settings allow; return its own address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    Site.asked.clear()
    place = f"127.0.0.1:{server.server_port}"
    settings.LINKS_ALLOWED_PRIVATE = frozenset({place})
    settings.LINKS_PAUSE = 0
    yield f"http://{place}"
    server.shutdown()
    server.server_close()


def write(*addresses: str) -> GuidePage:
    """Publish a guide with those links, alone in having any."""
    guide = GuidePage.objects.get(slug="acheter-des-recharges")
    text = "".join(f"<p><a {address}>ici</a></p>" for address in addresses)
    guide.body = json.dumps([{"type": "text", "value": text}])
    guide.save_revision().publish()
    return guide


def found(thing: Any) -> dict[str, str]:
    rows = BrokenLink.objects.filter(object_id=thing.pk, kind="wagtailcore.page")
    return dict(rows.values_list("url", "problem"))


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/ok", None),
        ("/moved", None),
        ("/get-only", None),
        ("/status/403", None),
        ("/status/404", Problem.GONE),
        ("/status/410", Problem.GONE),
        ("/status/503", Problem.REFUSED),
        ("/loop", Problem.REFUSED),
        ("/inside", Problem.PRIVATE),
    ],
)
def test_other_sites_are_asked(site: str, path: str, problem: str | None) -> None:
    assert abroad.problem(site + path) == problem


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost:5432/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://user@127.0.0.1/",
    ],
)
def test_a_private_address_is_never_asked(address: str) -> None:
    assert abroad.problem(address) == Problem.PRIVATE


def test_a_name_is_asked_at_the_address_that_was_checked(
    site: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A name server that answers a public address first and a private one next gains nothing."""
    port = int(site.rpartition(":")[2])
    settings.LINKS_ALLOWED_PRIVATE = frozenset()
    answers = iter(["93.184.215.14", "127.0.0.1"])

    def lookup(host: str, number: int, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), number))]

    monkeypatch.setattr(abroad.socket, "getaddrinfo", lookup)
    assert abroad._public_address("rebind.example", port) == "93.184.215.14"
    assert abroad.problem(f"http://rebind.example:{port}/ok") == Problem.PRIVATE
    assert Site.asked == []


def test_a_closed_port_is_silence(site: str, settings: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{closed.getsockname()[1]}"
    settings.LINKS_ALLOWED_PRIVATE = frozenset({place})
    assert abroad.problem(f"http://{place}/") == Problem.SILENT


def test_the_first_content_has_no_broken_link(content: int, site: str) -> None:
    check_links()
    ours = BrokenLink.objects.exclude(url__startswith="http")
    assert list(ours.values_list("url", "problem")) == []


def test_links_within_the_site_are_followed(content: int, site: str) -> None:
    closed = Page.objects.get(slug="roles-et-responsabilites")
    hidden = Page.objects.get(slug="mentions-legales")
    hidden.specific.unpublish()
    guide = write(
        'href="/faq/"',
        'href="/faq/a-quoi-sert-le-963/"',
        'href="/faq/rien/"',
        'href="/offre-solidaire/"',
        'href="/mentions-legales/"',
        'href="#plus-bas"',
        'href="faq"',
        'href="mailto:aide@example.org"',
        'href="tel:963"',
        'href="http://"',
        f'linktype="page" id="{closed.pk}"',
        f'linktype="page" id="{hidden.pk}"',
        'linktype="page" id="99999"',
        'linktype="document" id="99999"',
    )
    links.check()
    assert found(guide) == {
        "/faq/rien/": Problem.GONE,
        "/mentions-legales/": Problem.GONE,
        "faq": Problem.MISTYPED,
        "http://": Problem.MISTYPED,
        f"page nº {closed.pk}": Problem.CLOSED,
        f"page nº {hidden.pk}": Problem.GONE,
        "page nº 99999": Problem.GONE,
        "document nº 99999": Problem.GONE,
    }


def test_a_closed_page_may_lead_to_another(content: int, site: str) -> None:
    closed = Page.objects.get(slug="roles-et-responsabilites")
    guide = write(f'linktype="page" id="{closed.pk}"')
    login = PageViewRestriction.LOGIN
    PageViewRestriction.objects.create(page=guide, restriction_type=login)
    links.check()
    assert found(guide) == {}


def test_a_page_that_moved_is_no_broken_link(
    content: int, site: str, django_capture_on_commit_callbacks: Any
) -> None:
    guide = write('href="/accessibilite/"')
    page = Page.objects.get(slug="accessibilite").specific
    page.slug = "accessible"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()
    links.check()
    assert found(guide) == {}


def test_an_address_is_asked_once_and_what_is_mended_leaves_the_list(
    content: int, site: str
) -> None:
    bad = f"{site}/status/404"
    guide = write(f'href="{bad}"', f'href="{bad}#plus-bas"', f'href="{site}/ok"')
    question = FaqQuestion.objects.get(slug="a-quoi-sert-le-963")
    question.answer = f'<p><a href="{bad}">ici</a></p>'
    question.save_revision().publish()
    links.check()
    assert found(guide) == {bad: Problem.GONE, f"{bad}#plus-bas": Problem.GONE}
    assert BrokenLink.objects.filter(kind="knowledge.faqquestion").get().url == bad
    assert Site.asked.count("HEAD /status/404") == 1
    since = BrokenLink.objects.get(object_id=guide.pk, url=bad).found_at
    links.check()
    assert BrokenLink.objects.get(object_id=guide.pk, url=bad).found_at == since
    write(f'href="{site}/ok"')
    links.check()
    assert found(guide) == {}


def test_a_draft_is_not_followed(content: int, site: str) -> None:
    guide = write()
    guide.body = json.dumps([{"type": "text", "value": '<p><a href="/rien/">ici</a></p>'}])
    guide.save_revision()
    links.check()
    assert found(guide) == {}


def test_editors_see_where_what_and_since_when(content: int, site: str) -> None:
    guide = write('href="/rien/"')
    links.check()
    for role in (Role.EDITOR, Role.MODERATOR):
        html = browser_of(role).get(LIST).content.decode()
        parts = (f"/gestion/pages/{guide.pk}/edit/", "/rien/", "La page n’existe pas, ou plus")
        assert [part in html for part in parts] == [True, True, True]
    assert browser_of(Role.OPERATOR).get(LIST).status_code == 302


def test_an_address_typed_by_somebody_hostile_is_shown_as_text(content: int, site: str) -> None:
    write('href="&lt;script&gt;alert(1)&lt;/script&gt;"')
    links.check()
    html = browser_of(Role.EDITOR).get(LIST).content.decode()
    assert ["<script>alert(1)" in html, "&lt;script&gt;alert(1)" in html] == [False, True]
