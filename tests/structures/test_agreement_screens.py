"""Signing in a real browser: wide, and on a small phone without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from portal.structures.agreements import signing
from portal.structures.models import Agreement, Membership
from tests.handovers.test_screens import enter
from tests.structures import agreements as papers
from tests.support.browser import Axe, overflow
from tests.support.server import StartServer

pytestmark = pytest.mark.usefixtures("drawing")


@pytest.fixture
def url(start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


@pytest.fixture
def lead(url: str) -> Membership:
    """A lead whose convention and avenant wait for their signature."""
    lead, by = papers.candidate(), papers.referent()
    agreement = papers.draft(lead, by, monde=10)
    signing.send_to_sign(agreement, by=by)
    signing.send_to_sign(papers.grant(agreement.amendments.get(), by, 2, monde=20), by=by)
    return lead


@pytest.mark.parametrize(
    "options",
    [
        {"width": 1440, "height": 900},
        {"width": 320, "height": 640, "java_script_enabled": False},
    ],
    ids=["wide", "phone without script"],
)
def test_the_lead_downloads_the_convention_and_sends_it_back(
    browser: Browser, lead: Membership, url: str, axe: Axe, options: dict[str, object]
) -> None:
    with enter(browser, lead, url, **options) as context:
        page = context.new_page()

        def check() -> None:
            if options.get("java_script_enabled", True):  # axe needs it
                axe(page)
            assert overflow(page) == 0

        def send(name: str, content: bytes) -> None:
            file = {"name": name, "mimeType": "application/pdf", "buffer": content}
            page.get_by_label("Document signé").set_input_files(file)  # type: ignore[arg-type]
            page.get_by_role("button", name="Renvoyer le document").click()

        page.goto(f"{url}{papers.PAGE}")
        check()
        with page.expect_download() as download:
            page.get_by_role("link", name="Document à signer").first.click()
        assert download.value.suggested_filename.endswith("-a-signer.pdf")
        paper = download.value.path().read_bytes()

        page.get_by_role("link", name="Renvoyer la convention signée").click()
        check()
        send("convention.pdf", b"<html><script>alert(1)</script></html>")
        expect(page.get_by_role("alert")).to_contain_text("n’est ni un PDF, ni une photo")
        check()
        send("convention.pdf", paper)
        expect(page.get_by_role("main")).to_contain_text("À contresigner")
        check()

    assert Agreement.objects.get().state == "signed"


def test_the_referents_pages_are_accessible(
    browser: Browser, lead: Membership, url: str, axe: Axe
) -> None:
    agreement = Agreement.objects.get()
    avenant = agreement.amendments.get()
    by = Membership(user=papers.referent())
    addresses = [
        papers.DESK,
        f"{papers.DESK}{agreement.uuid}/",
        f"{papers.DESK}avenants/{avenant.uuid}/",
        f"{papers.DESK}ajouter/",
        "/gestion/textes-conventions/",
        "/gestion/textes-conventions/avenant/nouveau/",
    ]

    with enter(browser, by, url, width=320, height=640) as context:
        page = context.new_page()
        for address in addresses:
            page.goto(f"{url}{address}")
            assert page.url == f"{url}{address}"
            axe(page, "main")
            assert overflow(page) == 0, address
