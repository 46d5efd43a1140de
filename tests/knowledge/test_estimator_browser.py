"""« Estimer ma consommation » in Chromium: sliders, no script, a phone, a sheet of paper."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from knowledge.estimator.models import DataUsage
from tests import factories
from tests.support.browser import Axe, new_context, overflow
from tests.support.server import StartServer

PAGE = "/ressources/estimer-ma-consommation/"
VIDEO = "Vidéos et films, qualité ordinaire"


@pytest.fixture
def url(published: None, start_server: StartServer) -> Iterator[str]:
    factories.product()
    with start_server(workers=1) as address:
        yield address


def result(page: Page) -> str:
    return page.locator("#resultat").inner_text().replace("\u00a0", " ")


def field(name: str) -> str:
    return f"#id_{DataUsage.objects.get(name=name).key}"


@pytest.mark.parametrize(("width", "height"), [(320, 640), (1440, 900)])
def test_the_page_works_at_every_width(
    browser: Browser, url: str, axe: Axe, width: int, height: int
) -> None:
    with new_context(browser, width=width, height=height) as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.goto(f"{url}{PAGE}")
        axe(page)
        assert overflow(page) == 0
        page.locator(field(VIDEO)).fill("2")
        page.locator(field(VIDEO)).press("Enter")
        expect(page.locator("#resultat")).to_contain_text("Internet mobile 8\u00a0Go suffit")
        expect(page.locator("#resultat")).to_be_focused()
        axe(page)
        assert overflow(page) == 0
        page.locator(field(VIDEO)).fill("-2")
        page.locator(field(VIDEO)).press("Enter")
        expect(page.locator("#resultat")).to_contain_text("Indiquez un nombre entre 0 et 40")
        axe(page)
        assert faults == []


def test_the_script_and_the_server_agree(browser: Browser, url: str) -> None:
    typed = [
        "35",
        "7",
        "12.5",
        "0.4",
        "1.5",
        "2.3",
        "0.7",
        "3.1",
        "0.9",
        "1.1",
        "0.3",
        "4.6",
        "1.7",
    ]
    usages = list(DataUsage.objects.order_by("position", "pk"))
    with new_context(browser, width=1440, height=900) as context:
        page = context.new_page()
        page.goto(f"{url}{PAGE}")
        for usage, amount in zip(usages, typed, strict=False):
            page.locator(f"#id_{usage.key}").fill(amount)
        page.get_by_role("button", name="Calculer").click()
        expect(page.locator(".estimate__lines li")).to_have_count(13)
        seen = [text for text in page.locator("output").all_inner_texts() if text]
        assert seen == page.locator(".estimate__go").all_inner_texts()
        assert len(seen) == 13
        total = page.locator("[data-total]").inner_text()
        assert total == page.locator(".estimate__total").inner_text()
        # The address alone gives the same again.
        address = page.url
        told = result(page)
        page.goto(address)
        assert result(page) == told
        assert page.locator("[data-total]").inner_text() == total


def test_a_slider_moves_the_number_and_the_result(browser: Browser, url: str) -> None:
    with new_context(browser, width=320, height=640, has_touch=True) as context:
        page = context.new_page()
        page.goto(f"{url}{PAGE}")
        row = page.locator("[data-usage]", has=page.locator(field("Musique")))
        slider = row.locator("input[type=range]")
        box = slider.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        slider.click()
        assert page.locator(field("Musique")).input_value() == "4"
        expect(page.locator("#resultat")).to_contain_text("Environ 8,8\u00a0Go par mois")
        assert page.url.endswith(f"?{field('Musique')[4:]}=4")


def test_the_keyboard_alone_is_enough(browser: Browser, url: str) -> None:
    with new_context(browser, width=1440, height=900) as context:
        page = context.new_page()
        page.goto(f"{url}{PAGE}")
        fields = [f"id_{usage.key}" for usage in DataUsage.objects.all()]
        page.locator(f"#{fields[0]}").focus()
        reached = []
        for _ in fields:
            reached.append(page.evaluate("document.activeElement.id"))
            page.keyboard.press("ArrowUp")
            page.keyboard.press("Tab")
        assert reached == fields
        page.keyboard.press("Enter")
        expect(page.locator(".estimate__lines li")).to_have_count(14)


def test_everything_works_without_javascript(browser: Browser, url: str) -> None:
    with new_context(browser, width=320, height=640, java_script_enabled=False) as context:
        member = factories.MembershipFactory()
        client = Client()
        client.force_login(member.user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
        page = context.new_page()
        page.goto(f"{url}{PAGE}")
        assert page.locator("input[type=range]:visible").count() == 0
        page.locator(field(VIDEO)).fill("2.5")
        page.get_by_role("button", name="Calculer").click()
        expect(page.locator("#resultat")).to_contain_text("Environ 7,6\u00a0Go par mois")
        assert page.url.endswith("#resultat")
        expect(page.locator("#resultat")).to_contain_text("suffit tout juste")
        page.locator("#resultat").get_by_role("button", name="Ajouter au panier").click()
        expect(page.locator("main")).to_contain_text("1\u00a0×\u00a0Internet mobile 8 Go")


def test_the_sheet_for_the_person_is_one_page(browser: Browser, url: str) -> None:
    with new_context(browser, width=1440, height=900) as context:
        page = context.new_page()
        usages = DataUsage.objects.all()[:8]
        page.goto(f"{url}{PAGE}?" + "&".join(f"{usage.key}=1" for usage in usages))
        page.emulate_media(media="print")
        shown = page.locator("main").inner_text().replace("\u00a0", " ")
        assert "Environ" in shown
        assert [number for number in ("950", "952", "963") if number not in shown] == []
        names = [usage.name.replace("\u00a0", " ") for usage in usages]
        assert [name for name in names if name not in shown] == []
        assert not page.get_by_role("button", name="Calculer").is_visible()
        assert page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n") == 1
