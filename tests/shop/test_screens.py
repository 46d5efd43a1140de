"""The shop in a real browser: in place with JavaScript, and without it."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.structures.models import Membership
from shop.ordering import baskets
from shop.quotas.models import FreeQuota
from tests import factories
from tests.support.browser import Axe, new_context, overflow
from tests.support.server import StartServer

#: How far the digits of a ticket reach beyond it, in CSS pixels; nothing where they fit.
OVERFLOWS = """() => [...document.querySelectorAll(".ticket")].map(ticket => {
  const digits = ticket.querySelector(".digits").getBoundingClientRect();
  return Math.max(0, Math.round(digits.right - ticket.getBoundingClientRect().right + 16));
})"""


@pytest.fixture
def url(start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


@pytest.fixture
def member(url: str) -> Membership:
    """A partner with two free units of one product, and stock of two."""
    member = factories.MembershipFactory()
    factories.quota(member.structure, "internet-mobile-8-go", 2)
    factories.lot("internet-mobile-8-go", factories.codes(9))
    factories.lot("monde", factories.codes(9, start=50))
    return member


def enter(browser: Browser, member: Membership, url: str, **options: object) -> BrowserContext:
    """Return a browser's context in which the member is logged in."""
    client = Client()
    client.force_login(member.user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    options = {"width": 1440, "height": 900} | options
    context = new_context(browser, **options)  # type: ignore[arg-type]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    return context


def add(page: Page, upc: str, quantity: int) -> None:
    page.locator(f"#{upc}-quantity").fill(str(quantity))
    card = page.locator("article", has=page.locator(f"#{upc}-quantity"))
    card.get_by_role("button", name="Ajouter au panier").click()


def test_adding_and_changing_happen_in_place(
    browser: Browser, member: Membership, url: str, axe: Axe
) -> None:
    with enter(browser, member, url) as context:
        page = context.new_page()
        page.goto(f"{url}/offre-solidaire/")
        page.evaluate("window.stayed = true")
        add(page, "internet-mobile-8-go", 3)
        expect(page.locator("#toasts")).to_contain_text(
            "Ajouté au panier\u00a0: 3\u00a0×\u00a0Internet mobile 8 Go."
        )
        add(page, "monde", 1)
        expect(page.locator("main").get_by_role("link", name="Voir le panier (4)")).to_be_visible()
        expect(page.locator("#basket-count")).to_have_text("4 articles")
        expect(page.locator(".toast")).to_have_count(1)
        assert page.evaluate("window.stayed")
        axe(page)

        page.locator("main").get_by_role("link", name="Voir le panier").click()
        expect(page.get_by_role("button", name="Modifier")).to_have_count(0)
        page.evaluate("window.stayed = true")
        page.get_by_role("button", name="Plus\u00a0: Monde").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(page.locator("#basket")).to_contain_text("19,00\u00a0€ seront facturés")
        expect(page.locator("#basket-count")).to_have_text("6 articles")
        expect(page.locator("#basket-status")).to_have_text(
            "6 articles, dont 2 gratuits. À facturer\u00a0: 19,00\u00a0€."
        )
        expect(page.get_by_role("button", name="Plus\u00a0: Monde")).to_be_focused()
        assert page.evaluate("window.stayed")
        axe(page)

        page.get_by_label("Quantité\u00a0: Monde").fill("0")
        page.keyboard.press("Tab")
        expect(page.locator("#basket tbody tr")).to_have_count(1)
        page.get_by_role("button", name="Valider la commande").click()
        expect(page.locator(".ticket")).to_have_count(3)


def test_a_quantity_that_is_too_high_is_told_in_place(
    browser: Browser, member: Membership, url: str
) -> None:
    baskets.add(by=member, upc="monde", quantity=2)
    with enter(browser, member, url) as context:
        page = context.new_page()
        page.goto(f"{url}/panier/")
        field = page.get_by_label("Quantité\u00a0: Monde")
        field.evaluate("field => field.removeAttribute('max')")
        field.fill("21")
        page.keyboard.press("Tab")
        expect(page.get_by_role("alert")).to_contain_text("choisissez une quantité de 1 à 20.")
        expect(field).to_have_value("2")

        page.goto(f"{url}/offre-solidaire/")
        page.locator("#monde-quantity").evaluate("field => field.removeAttribute('max')")
        add(page, "monde", 20)
        expect(page.get_by_role("alert")).to_contain_text("choisissez une quantité de 1 à 20.")


@pytest.mark.parametrize(("width", "height"), [(320, 640), (768, 1024), (1440, 900)])
@pytest.mark.parametrize("script", [True, False])
def test_every_page_works_and_is_accessible(
    browser: Browser,
    member: Membership,
    url: str,
    axe: Axe,
    width: int,
    height: int,
    script: bool,
) -> None:
    options = {"width": width, "height": height, "java_script_enabled": script}
    with enter(browser, member, url, **options) as context:
        page = context.new_page()

        def check() -> None:
            if script:  # axe is a script itself
                axe(page)
                assert overflow(page) == 0

        page.goto(f"{url}/offre-solidaire/")
        check()
        add(page, "internet-mobile-8-go", 2)
        page.locator("main").get_by_role("link", name="Voir le panier").first.click()
        expect(page.locator("#basket")).to_contain_text("2 gratuits")
        if not script:
            page.get_by_label("Quantité\u00a0: Internet mobile 8 Go").fill("3")
            page.get_by_role("button", name="Modifier").click()
            expect(page.locator("#basket")).to_contain_text("1 payant")
        check()
        FreeQuota.objects.update(used=1)
        page.get_by_role("button", name="Valider la commande").click()
        expect(page.get_by_role("alert")).to_contain_text("Le total a changé")
        check()
        page.get_by_role("button", name="Accepter et valider la commande").click()
        expect(page.locator(".ticket")).to_have_count(2 if script else 3)
        check()
        if script:
            assert page.evaluate(OVERFLOWS) == [0, 0]

        for path in ("", "commandes/", "recharges/"):
            page.goto(f"{url}/mon-compte/{path}")
            check()
        page.get_by_role("button", name="Afficher").first.click()
        expect(page.locator("main [data-copy]")).to_have_count(1)
        check()
