"""The FAQ in a real browser: openings, « utile ? », searches in vain, with and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from knowledge.models import FaqOpening, FaqVote, MissedSearch
from tests.factories import MembershipFactory
from tests.shop.test_screens import enter
from tests.support.browser import Axe, new_context, overflow
from tests.support.server import StartServer

SOLDE = "comment-connaitre-le-solde-de-la-ligne"


@pytest.fixture
def url(published: None, start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


def test_a_partner_opens_an_answer_says_it_helped_and_searches_in_vain(
    url: str, browser: Browser, axe: Axe
) -> None:
    faults: list[str] = []
    page = enter(browser, MembershipFactory(), url).new_page()
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{url}/faq/")
    summary = page.locator(f"details:has(#{SOLDE}) summary")
    with page.expect_response(f"**/faq/{SOLDE}/ouverte/") as counted:
        summary.focus()
        page.keyboard.press("Enter")
    assert counted.value.status == 204
    page.goto(f"{url}/faq/{SOLDE}/")
    asked = page.get_by_role("group", name="Cette réponse vous a-t-elle aidé")
    asked.scroll_into_view_if_needed()
    axe(page)
    asked.get_by_role("button", name="Non").press("Enter")
    expect(page.get_by_text("C’est noté")).to_be_focused()  # the button is gone, not the place
    page.get_by_label("Pourquoi").fill("Il manque les horaires")
    page.get_by_role("button", name="Envoyer").press("Enter")
    expect(page.get_by_text("Merci. Votre réponse aidera")).to_be_focused()
    page.goto(f"{url}/faq/")
    with page.expect_response("**/faq/sans-reponse/*"):
        page.get_by_role("searchbox").press_sequentially("xylophone")
    axe(page)

    votes = [(one.useful, one.why) for one in FaqVote.objects.all()]
    assert votes == [(False, "Il manque les horaires")]
    assert list(FaqOpening.objects.values_list("question__slug", "count")) == [(SOLDE, 1)]
    assert list(MissedSearch.objects.values_list("words", "count")) == [("xylophone", 1)]
    assert faults == []
    page.context.close()


@pytest.mark.parametrize("width", [320, 1440])
def test_the_search_of_the_site_fits_and_works_without_javascript(
    url: str, browser: Browser, axe: Axe, width: int
) -> None:
    context = new_context(browser, width=width, height=800, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{url}/recherche/")
    page.get_by_role("searchbox").fill("activé carte")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", name="Réponses de la FAQ")).to_be_visible()
    expect(page.get_by_role("heading", name="Guides et pages")).to_be_visible()
    page.goto(f"{url}/faq/{SOLDE}/")
    page.get_by_role("link", name="Cette réponse vous a-t-elle aidé").click()
    page.get_by_role("button", name="Oui").click()
    expect(page.get_by_text("C’est noté, merci")).to_be_visible()
    page.get_by_label("Pourquoi").fill("Clair")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", level=1, name="Comment connaître le solde")).to_be_visible()
    context.close()
    assert [(one.useful, one.why) for one in FaqVote.objects.all()] == [(True, "Clair")]

    context = new_context(browser, width=width, height=800)
    page = context.new_page()
    for address in (f"/faq/{SOLDE}/", f"/faq/{SOLDE}/avis/", "/recherche/?q=carte", "/recherche/"):
        page.goto(f"{url}{address}")
        assert (address, overflow(page)) == (address, 0)
        axe(page)
    context.close()
