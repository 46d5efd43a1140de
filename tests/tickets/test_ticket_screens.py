"""The tickets in a real browser: on the screen of the desk, and on its printer."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from portal.documents.languages import LANGUAGES
from portal.structures.models import Membership
from shop.ordering import baskets
from shop.ordering.services import place_order, preview
from shop.recharges.models import RechargeCode
from tests import factories
from tests.shop.test_screens import enter
from tests.support.browser import Axe, overflow
from tests.support.server import StartServer
from tests.tickets.conftest import SECRET, path

POINT = 96 / 72  # pixels
PAGE = re.compile(rb"/Type\s*/Page\b")
A6 = re.compile(rb"/MediaBox\s*\[0 0 29[78][.\d]* 4(?:19|20)[.\d]*\]")  # points
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".coupon *")]
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .map(one => parseFloat(getComputedStyle(one).fontSize)))"""


@pytest.fixture
def url(start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


@pytest.fixture
def member(published: None, url: str) -> Membership:
    """The lead of a structure, who ordered one number."""
    member: Membership = factories.MembershipFactory(is_structure_lead=True)
    factories.quota(member.structure, "recharge-exceptionnelle", 1)
    factories.lot("recharge-exceptionnelle", [SECRET])
    baskets.add(by=member, upc="recharge-exceptionnelle", quantity=1)
    basket = baskets.get_or_open(member)
    place_order(by=member, key=basket.key, seen=preview(member, basket).digest)
    return member


def check_print(context: BrowserContext, address: str, language: str) -> None:
    """Ask for the page to print, as a person does, and look at the sheet that it makes."""
    page = context.new_page()
    page.goto(f"{address}?langue={language}")
    page.get_by_role("button", name="Imprimer").click()
    page.emulate_media(media="print")
    digits = page.locator(".coupon__digits")
    size = digits.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    sheet = page.pdf(prefer_css_page_size=True)

    assert digits.inner_text().split() == ["09", "87", "65", "43", "21"]
    assert (size >= 24 * POINT, page.evaluate(SMALLEST) >= 9 * POINT) == (True, True)
    assert (len(PAGE.findall(sheet)), len(A6.findall(sheet))) == (1, 1)
    page.close()


@pytest.mark.parametrize("script", [True, False])
def test_each_language_prints_one_a6_sheet(
    browser: Browser, member: Membership, url: str, script: bool
) -> None:
    address = url + path(RechargeCode.objects.get())
    with enter(browser, member, url, java_script_enabled=script) as context:
        for language in LANGUAGES if script else LANGUAGES[:1]:
            check_print(context, address, language)


@pytest.mark.parametrize("width", [320, 1440])
def test_the_pages_are_accessible_and_fit(
    browser: Browser, member: Membership, url: str, axe: Axe, width: int
) -> None:
    address = url + path(RechargeCode.objects.get())
    with enter(browser, member, url, width=width) as context:
        page = context.new_page()
        for language in ("fr", "ar"):
            page.goto(f"{address}?langue={language}")
            axe(page)
            assert overflow(page) == 0
        page.get_by_role("button", name="Imprimer").click()
        expect(page.get_by_role("button", name="Imprimer")).to_be_visible()
        axe(page)
        assert overflow(page) == 0
        page.get_by_role("link", name="Revenir au ticket").click()
        expect(page).to_have_url(f"{address}?langue=ar")

        page.get_by_role("link", name="Régler le QR code").click()
        axe(page)
        page.get_by_label("L’appel au 952 et le numéro").check()
        page.get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_text("Réglage des tickets enregistré.")).to_be_visible()
        assert overflow(page) == 0
