"""Pages on paper: black on white, no menus, nothing to click, every answer open."""

import io
import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pypdf import PdfReader

from knowledge.models import FaqQuestion, GuidePage
from knowledge.support import services as support
from knowledge.support.models import SupportRequest
from tests import factories
from tests.support.browser import STILL, new_context
from tests.support.server import StartServer

WHITE, NOTHING = "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"
LEGAL = ("mentions-legales", "donnees-personnelles", "cookies", "accessibilite")
#: What a sheet of paper has no use for.
SCREEN_ONLY = (
    ".site-header .nav, .burger, .personal, .breadcrumb, .site-footer nav, .skip-link, .toasts, "
    "main form, main button, main .button, main input, main select, main textarea"
)
#: The pieces of text that are not dark, or that stand on something else than white.
PALE = """() => [...document.querySelectorAll("main *")].filter(one => {
  const own = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!own || !one.checkVisibility()) return false;
  const [r, g, b] = getComputedStyle(one).color.match(/[\\d.]+/g).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 110;
}).map(one => one.outerHTML.slice(0, 120))"""
BACKDROPS = """() => [document.documentElement, document.body, document.querySelector("main")]
  .map(one => getComputedStyle(one).backgroundColor)"""


@pytest.fixture
def url(published: None, start_server: StartServer) -> Iterator[str]:
    with start_server(workers=1) as address:
        yield address


@pytest.fixture
def paper(browser: Browser, url: str) -> Iterator[BrowserContext]:
    """Return a member's browser that shows pages as they are printed, in a dark room."""
    member = factories.MembershipFactory()
    question = support.Question(subject="other", title="Un retard", body="Où est ma carte ?")
    support.ask(by=member, key=uuid.UUID(int=1), question=question)
    client = Client()
    client.force_login(member.user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with new_context(browser, width=700, height=1000, color_scheme="dark") as context:
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": session, "url": url}])
        yield context


def printed(context: BrowserContext, *addresses: str) -> list[Page]:
    """Return pages as the printer gets them, opened side by side."""
    pages = [context.new_page() for _ in addresses]
    for page, address in zip(pages, addresses, strict=True):
        page.goto(address, wait_until="commit")
    for page in pages:
        page.wait_for_load_state("networkidle")  # the style sheet of the printer comes last
        page.bring_to_front()  # behind another, nothing is drawn
        page.emulate_media(media="print")
        page.evaluate(STILL)
    return pages


def shown(page: Page, selector: str) -> list[str]:
    """Return what is seen of the elements of a selector."""
    seen = "all => all.filter(one => one.checkVisibility()).map(one => one.outerHTML.slice(0, 99))"
    found: list[str] = page.locator(selector).evaluate_all(seen)
    return found


def words(page: Page) -> str:
    """Return the text of the printed sheets, without its spaces: lines break anywhere."""
    reader = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    return "".join("".join(sheet.extract_text() for sheet in reader.pages).split())


def test_pages_are_printed_without_their_frame(paper: BrowserContext, url: str) -> None:
    guides = [guide.url for guide in GuidePage.objects.live()]
    question = FaqQuestion.objects.filter(live=True).first()
    assert question is not None
    addresses = ["/ressources/", "/faq/", f"/faq/{question.slug}/", "/aide/", *guides]
    addresses += [f"/{slug}/" for slug in LEGAL]
    addresses.append(f"/mon-compte/assistance/{SupportRequest.objects.get().uuid}/")
    wrong: dict[str, list[str]] = {}
    for page in printed(paper, *(url + address for address in addresses)):
        white = [one for one in page.evaluate(BACKDROPS) if one not in {WHITE, NOTHING}]
        faults = [*shown(page, SCREEN_ONLY), *page.evaluate(PALE), *white]
        if faults:
            wrong[page.url] = faults
        page.close()

    assert wrong == {}


def test_every_answer_of_the_faq_is_on_the_sheet(paper: BrowserContext, url: str) -> None:
    (page,) = printed(paper, f"{url}/faq/")
    said = words(page)
    folded = page.locator("details.disclosure p").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => one.textContent)"
    )
    assert len(folded) > 20
    assert [one for one in folded if "".join(one.split()) not in said] == []


def test_addresses_of_other_sites_are_written(paper: BrowserContext, url: str) -> None:
    said = words(*printed(paper, f"{url}/donnees-personnelles/"))
    assert "(https://www.cnil.fr/fr/plaintes)" in said
