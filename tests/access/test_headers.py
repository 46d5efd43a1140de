"""Headers of every page of ours, whatever its status, and no code inside its HTML.

The pages are those of the access table, outside the back office: what it lists is what there is.
"""

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from portal.ui.middleware import BACK_OFFICE
from portal.urls import urlpatterns as site
from tests.access.routes import METHODS, ask, read_table
from tests.access.world import World
from tests.factories import PASSWORD
from tests.support.check import ROOT, production_environment

#: E-mails know inline styles only: the style guide shows one, and says so in its own policy.
SHOWS_AN_EMAIL = "/styleguide/courriel/"
NAMES = (
    *("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"),
    *("SECURE_SSL_REDIRECT", "SECURE_REDIRECT_EXEMPT", "SECURE_PROXY_SSL_HEADER"),
    "SESSION_COOKIE_SECURE",
    *("CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"),
    *("SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE"),
    *("SECURE_CONTENT_TYPE_NOSNIFF", "SECURE_REFERRER_POLICY", "X_FRAME_OPTIONS"),
    *("SECURE_CROSS_ORIGIN_OPENER_POLICY", "CONTENT_SECURITY_POLICY", "MIDDLEWARE"),
)
EXPECTED = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
    ),
}
POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "media-src": {"'self'"},
    "manifest-src": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'self'"},
    "base-uri": {"'none'"},
}
#: What somebody uploaded may do nothing at all (Wagtail's own policy).
FILES = (
    "/documents/",
    "/mon-compte/convention/documents/",
    "/mon-compte/assistance/fichiers/",
)
UPLOADED = {"default-src": {"'none'"}}


def crash(request: HttpRequest) -> HttpResponse:
    """Fail."""
    raise RuntimeError


def forbid(request: HttpRequest) -> HttpResponse:
    """Refuse."""
    raise PermissionDenied


urlpatterns = [path("panne/", crash), path("interdit/", forbid), *site]


class Page(HTMLParser):
    """Notes what a strict policy would stop, or would have to allow."""

    def __init__(self, html: str) -> None:
        """Read a page."""
        super().__init__()
        self.faults: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element and its attributes."""
        given = {name: value or "" for name, value in attrs}
        if tag == "style" or (tag == "script" and "src" not in given and not _is_data(given)):
            self.faults.append(f"<{tag}> in the page, line {self.getpos()[0]}")
        for name, value in given.items():
            if name == "style" or name.startswith("on") or name == "srcdoc":
                self.faults.append(f"{name}={value!r} on <{tag}>")
            if name in {"href", "src", "action", "formaction"} and _runs_code(value):
                self.faults.append(f"{name}={value!r} on <{tag}>")
        source = given.get("src", given.get("href", "") if tag == "link" else "")
        if urlsplit(source).netloc and given.get("rel") != "canonical":
            self.faults.append(f"<{tag}> from elsewhere: {source}")


def _is_data(attributes: dict[str, str]) -> bool:
    return attributes.get("type") in {"application/json", "application/ld+json"}


def _runs_code(address: str) -> bool:
    return address.strip().lower().startswith(("javascript:", "vbscript:", "data:text/html"))


def policy_of(response: HttpResponse) -> dict[str, set[str]]:
    """Return the content security policy of an answer, by directive."""
    header = response.headers.get("Content-Security-Policy", "")
    parts = [part.split() for part in header.split(";") if part.strip()]
    return {name: set(sources) for name, *sources in parts}


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return the settings of production that headers and cookies depend on."""
    read = (
        "import json; from portal.settings import production as p;"
        f"print(json.dumps({{name: getattr(p, name, None) for name in {NAMES!r}}}))"
    )
    environment = production_environment(tmp_path_factory.mktemp("production"))
    done = subprocess.run(
        [sys.executable, "-c", read],
        cwd=ROOT,
        env={"PATH": str(Path(sys.executable).parent)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return {name: value for name, value in found.items() if value is not None}


def secure(client: Client) -> Client:
    """Let a browser come by the proxy that ended its TLS."""
    client.defaults["HTTP_X_FORWARDED_PROTO"] = "https"
    return client


@pytest.mark.parametrize("person", ["anonymous", "partner", "unattached"])
def test_every_page_of_ours_has_every_header_and_no_code_inside(
    world: World, production: dict[str, object], person: str
) -> None:
    faults: dict[str, list[str]] = {}
    pages = 0
    with override_settings(**production):
        client = secure(world.client(person))
        for row in read_table():
            address = world.path(row.route, row.example)
            for method in METHODS if not address.startswith(BACK_OFFICE) else ():
                response, _ = ask(client, method, address)
                found = faults_of(response, address)
                pages += response.headers.get("Content-Type", "").startswith("text/html")
                if found:
                    faults[f"{method} {address}"] = found

    assert faults == {}
    assert pages > 60


def faults_of(response: HttpResponse, address: str) -> list[str]:
    """Return what is wrong with an answer."""
    wrong = [
        f"{name}: {response.headers.get(name)}"
        for name, value in EXPECTED.items()
        if response.headers.get(name) != value
    ]
    policy = policy_of(response)
    if address == SHOWS_AN_EMAIL and response.status_code == 200:
        policy["style-src"].discard("'unsafe-inline'")
    elif response.headers.get("Content-Type", "").startswith("text/html"):
        charset = response.charset
        body = b"".join(response) if response.streaming else response.content
        wrong += Page(body.decode(charset)).faults
    uploaded = address.startswith(FILES) and response.status_code == 200
    expected = UPLOADED if uploaded else POLICY
    return wrong + ([] if policy == expected else [f"policy: {policy}"])


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("address", "status"), [("/panne/", 500), ("/interdit/", 403), ("/introuvable/", 404)]
)
def test_error_pages_have_them_too(
    world: World, production: dict[str, object], address: str, status: int
) -> None:
    with override_settings(**production):
        response = secure(world.client("partner")).get(address)

    assert (response.status_code, faults_of(response, address)) == (status, [])


def test_the_page_of_an_expired_form_has_them_too(
    world: World, production: dict[str, object]
) -> None:
    with override_settings(**production):
        client = secure(Client(enforce_csrf_checks=True))
        response = client.post("/connexion/", {"login": "a@b.fr"})

    assert (response.status_code, faults_of(response, "/connexion/")) == (403, [])


def test_the_back_office_has_a_policy_of_its_own(world: World) -> None:
    policy = policy_of(world.client("editor").get("/gestion/"))

    loosened = {
        name: sources - POLICY.get(name, set())
        for name, sources in policy.items()
        if sources != POLICY.get(name)
    }
    assert loosened == {
        "script-src": {"'unsafe-inline'", "'unsafe-eval'"},
        "style-src": {"'unsafe-inline'"},
        "img-src": {"blob:"},
        "frame-src": {"'self'"},
        "worker-src": {"'self'", "blob:"},
    }


@pytest.mark.parametrize("address", ["/gestionnaire/", "/connexion/?next=/gestion/"])
def test_addresses_that_only_look_like_the_back_office_keep_the_strict_policy(
    world: World, address: str
) -> None:
    assert policy_of(Client().get(address)) == POLICY


def test_wagtails_preview_may_be_framed_by_its_editor_alone(world: World) -> None:
    client = world.client("editor")
    response = client.get(f"/gestion/pages/{world.page.pk}/edit/preview/?mode=")

    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_cookies_of_production_are_closed(world: World, production: dict[str, object]) -> None:
    with override_settings(**production):
        client = secure(Client())
        person = {"login": "neighbour@access.example", "password": PASSWORD}
        client.get("/connexion/")
        client.post("/connexion/", person)
        cookies = {
            name: (bool(one["secure"]), bool(one["httponly"]), one["samesite"], one["path"])
            for name, one in client.cookies.items()
        }

    closed = (True, True, "Lax", "/")
    assert cookies == {"__Host-espace_session": closed, "__Host-espace_csrf": closed}


def test_production_leaves_plain_http_except_for_the_probes(
    world: World, production: dict[str, object]
) -> None:
    with override_settings(**production):
        client = Client()
        answers = [client.get(address).status_code for address in ("/", "/sante/")]

    assert (answers, settings.SECURE_SSL_REDIRECT) == ([301, 200], False)
