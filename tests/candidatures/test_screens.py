"""The candidature in a real browser: wide and narrow, with and without JavaScript, under axe."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.accounts.roles import Role
from portal.candidatures import links, review
from portal.candidatures.models import Candidature, State
from shop.products.catalogue import load_catalogue
from tests import factories
from tests.candidatures.conftest import SIRET, submitted
from tests.support.browser import Axe, new_context, overflow
from tests.support.server import StartServer


@pytest.fixture
def url(published: None, start_server: StartServer) -> Iterator[str]:
    load_catalogue()
    with start_server(workers=1) as address:
        yield address


def look(page: Page, axe: Axe) -> None:
    axe(page)
    assert overflow(page) == 0, page.url


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer et continuer").click()


def walk(page: Page, url: str, axe: Axe | None) -> None:
    """Fill a candidature in and send it, from the presentation to the follow-up."""
    check = (lambda: look(page, axe)) if axe else (lambda: None)
    page.goto(f"{url}/devenir-relais/")
    check()
    page.get_by_role("link", name="Commencer une candidature").first.click()
    page.get_by_label("Votre adresse e-mail professionnelle").fill("ana@maison.example")
    check()
    page.wait_for_timeout(3100)  # as long as a person takes
    page.get_by_role("button", name="Commencer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre structure")
    page.get_by_label("SIRET", exact=True).fill("12345")
    go_on(page)
    expect(page.get_by_text("Ce SIRET n’est pas valide").first).to_be_visible()
    check()
    page.get_by_label("Nom de la structure").fill("Maison des familles")
    page.get_by_label("Type de structure").select_option("association")
    page.get_by_label("SIRET", exact=True).fill(SIRET)
    page.get_by_label("Public accueilli").fill("Familles")
    go_on(page)
    page.get_by_label("Numéro et rue").fill("3 place du Marché")
    page.get_by_label("Code postal").fill("33000")
    page.get_by_label("Commune").fill("Bordeaux")
    page.get_by_label("Par retrait").check()
    check()
    go_on(page)
    page.get_by_label("Prénom").fill("Ana")
    page.get_by_label("Nom", exact=True).fill("Costa")
    page.get_by_label("Téléphone").fill("05 56 12 34 56")
    check()
    go_on(page)
    check()
    go_on(page)
    page.get_by_label(re.compile("^Monde ")).first.fill("10")
    check()
    go_on(page)
    check()
    page.get_by_role("button", name="Envoyer la candidature").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Suivi de votre candidature")
    check()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (320, 640)])
def test_a_candidature_is_filled_in_and_sent(
    url: str, browser: Browser, axe: Axe, width: int, height: int
) -> None:
    context = new_context(browser, width=width, height=height)
    walk(context.new_page(), url, axe)
    context.close()

    assert Candidature.objects.get().state == State.SUBMITTED


def test_a_candidature_needs_no_javascript(url: str, browser: Browser) -> None:
    context = new_context(browser, width=1440, height=900, java_script_enabled=False)
    walk(context.new_page(), url, None)
    context.close()

    assert Candidature.objects.get().state == State.SUBMITTED


def test_the_other_pages_are_for_everybody_too(url: str, phone_page: Page, axe: Axe) -> None:
    made = submitted()
    by: Any = factories.UserFactory(role=Role.REFERENT)
    review.ask_to_complete(made, by=by, reason="Précisez le public accueilli.")
    page = phone_page
    for path in ("/devenir-relais/lien/", "/devenir-relais/reprendre/rien/"):
        page.goto(url + path)
        look(page, axe)
    page.goto(url + "/" + links.make(made).split("/", 3)[3])
    for path in ("/devenir-relais/suivi/", "/devenir-relais/suivi/retirer/"):
        page.goto(url + path)
        look(page, axe)
