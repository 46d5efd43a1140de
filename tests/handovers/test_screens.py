"""The carnet and the team in a real browser: wide and narrow, with JavaScript and without."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, expect

from portal.structures.models import Membership
from tests import factories
from tests.handovers.conftest import BOOK, order, sold
from tests.support.browser import Axe, new_context, overflow
from tests.support.server import StartServer


@pytest.fixture
def url(start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


@pytest.fixture
def lead(url: str) -> Membership:
    """A lead with a colleague, two numbers to note and one that was."""
    lead = factories.MembershipFactory(is_structure_lead=True)
    factories.MembershipFactory(structure=lead.structure)
    sold(lead, order(lead, quantity=3)[0], "Dossier 2026-014")
    return lead


def enter(browser: Browser, member: Membership, url: str, **options: object) -> BrowserContext:
    client = Client()
    client.force_login(member.user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = new_context(browser, **options)  # type: ignore[arg-type]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    return context


@pytest.mark.parametrize(
    "options",
    [
        {"width": 1440, "height": 900},
        {"width": 320, "height": 640, "java_script_enabled": False},
    ],
    ids=["wide", "phone without script"],
)
def test_pages_are_accessible_and_do_their_work(
    browser: Browser, lead: Membership, url: str, axe: Axe, options: dict[str, object]
) -> None:
    script = options.get("java_script_enabled", True)
    with enter(browser, lead, url, **options) as context:
        page = context.new_page()

        def check() -> None:
            if script:  # axe needs it; the pages are the same without
                axe(page)
            assert overflow(page) == 0

        page.goto(f"{url}{BOOK}")
        check()
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Noter les numéros cochés").click()
        check()
        page.get_by_role("button", name="Noter la remise").click()
        expect(page.get_by_role("alert")).to_contain_text("Indiquez la référence")
        check()
        page.get_by_label("Référence de la personne").fill("dossier 2026-014")
        page.get_by_label("Le bénéficiaire").check()
        page.get_by_label("Montant payé").fill("2,50")
        page.get_by_role("button", name="Noter la remise").click()
        expect(page.get_by_role("status").first).to_contain_text("La remise est notée")

        page.get_by_label("Chercher par la référence").fill("DOSSIER 2026-014")
        page.get_by_role("button", name="Chercher").click()
        expect(page.locator("main tbody tr")).to_have_count(2)
        assert "2026-014" not in page.url
        check()
        page.get_by_role("link", name="Voir").first.click()
        check()
        page.get_by_role("link", name="Retirer du carnet").click()
        check()
        page.goto(f"{url}{BOOK}rapport/")
        expect(page.get_by_role("img", name="Euros par jour")).to_be_visible()
        expect(page.locator("main")).to_contain_text("7,50\u00a0€")
        check()
        with page.expect_download() as download:
            page.get_by_role("button", name="Télécharger en CSV").click()
        assert download.value.suggested_filename.endswith(".csv")
        for path in ("", "inviter/"):
            page.goto(f"{url}/mon-compte/equipe/{path}")
            check()
