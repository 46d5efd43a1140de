"""The notice of information: six languages, one A4 page each, about nobody."""

import logging
import re
import tomllib
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser
from wagtail.models import Site

from activation.languages import Language
from activation.models import ActivationSettings
from activation.notice import texts, views
from portal.documents import pdf
from portal.documents.languages import LANGUAGES
from portal.pages.models import PublisherSettings
from tests.support.browser import Axe, new_context, overflow
from tests.tickets.conftest import drawing

__all__ = ("drawing",)

NOTICE = "/activation-sim/notice/"
MILLIMETRES = 25.4 / 96  # of WeasyPrint's pixels
POINT = 96 / 72  # pixels
VALUES: dict[str, str | int] = {
    "contact": "donnees-personnelles@emmaus-connect.example",
    "days": 730,
    "balance": "950",
    "top_up": "952",
}
PAGE = re.compile(rb"/Type\s*/Page\b")
A4 = re.compile(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]")  # points
each_language = pytest.mark.parametrize("language", LANGUAGES)


def document(language: str) -> Any:
    """Lay the notice out as the PDF's view does."""
    notice = texts.notice(language, VALUES)
    html = views.render_to_string("activation/notice/document.html", {"notice": notice})
    return pdf.lay_out(html, styles=views.STYLES)


def test_there_is_a_table_for_each_language_and_no_other() -> None:
    assert {path.stem for path in texts.FOLDER.glob("*.toml")} == set(LANGUAGES)


@each_language
def test_every_table_says_the_same_things(language: str) -> None:
    def shape(code: str) -> list[int]:
        table = tomllib.loads((texts.FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
        return [len(one["lines"]) for one in (*table["sections"], table["sms"])]

    assert shape(language) == shape("fr")


@each_language
def test_each_value_stands_in_its_place(language: str) -> None:
    notice = texts.notice(language, VALUES)
    lines = [line for one in notice.sections for line in one.lines]
    shown = {name: f'<bdi dir="ltr">{value}</bdi>' for name, value in VALUES.items()}

    assert ['<bdi dir="ltr">6.1.f</bdi>' in line for line in notice.sections[2].lines] == [
        False,
        False,
        True,
    ]
    assert [shown["days"] in line for line in notice.sections[3].lines] == [True]
    assert [shown["contact"] in line for line in notice.sections[5].lines] == [False, True, False]
    assert [shown["balance"] in line for line in notice.sms.lines] == [False, True, False, False]
    assert [shown["top_up"] in line for line in notice.sms.lines] == [False, False, True, False]
    assert [
        name for name in ("SFR", "Emmaüs Connect", "CNIL", "RIO") if name in " ".join(lines)
    ] == [
        "SFR",
        "Emmaüs Connect",
        "CNIL",
        "RIO",
    ]


@each_language
def test_sentences_are_short(language: str) -> None:
    notice = texts.notice(language, VALUES)
    lines = [line for one in (*notice.sections, notice.sms) for line in one.lines]
    assert [line for line in lines if len(line.split()) > 25] == []


def test_the_notice_names_the_languages_that_the_sms_has() -> None:
    assert sorted(Language) == ["en", "es", "fr"]


def test_arabic_and_dari_are_written_from_right_to_left() -> None:
    rtl = [one for one in LANGUAGES if texts.notice(one, VALUES).dir == "rtl"]
    assert rtl == ["ar", "prs"]


@pytest.mark.usefixtures("drawing")
@each_language
def test_the_pdf_is_one_a4_page_whose_letters_all_have_a_font(
    language: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="weasyprint")
    laid_out = document(language)
    (sheet,) = laid_out.pages
    sizes = [
        box.style["font_size"]
        for box in sheet._page_box.descendants()
        if getattr(box, "text", "").strip()
    ]

    size = (round(sheet.width * MILLIMETRES), round(sheet.height * MILLIMETRES))
    assert (size, min(sizes) >= 10 * POINT) == ((210, 297), True)
    assert pdf.write(laid_out)[:5] == b"%PDF-"
    assert caplog.messages == []


@pytest.mark.usefixtures("drawing")
@each_language
def test_the_pdf_is_tagged_titled_and_says_its_language(language: str) -> None:
    laid_out = document(language)
    content = laid_out.write_pdf(pdf_variant=pdf.VARIANT, uncompressed_pdf=True)

    assert laid_out.metadata.title == texts.notice(language, VALUES).title
    assert f"/Lang ({language})".encode() in content
    assert b"/StructTreeRoot" in content


@pytest.mark.django_db
@each_language
def test_anybody_reads_the_page_in_a_language_and_its_direction(
    content: int, client: Client, language: str
) -> None:
    text = client.get(NOTICE, {"langue": language}).content.decode()
    notice = texts.notice(language, VALUES)

    assert f'<article class="notice" lang="{language}" dir="{notice.dir}">' in text
    assert f">{notice.title}</h1>" in text
    assert re.findall(r'href="\?langue=(\w+)"', text) == list(LANGUAGES)


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["", "de", "../fr"])
def test_an_unknown_language_is_french(content: int, client: Client, asked: str) -> None:
    assert client.get(NOTICE, {"langue": asked}).context["notice"].code == "fr"


@pytest.mark.django_db
def test_the_delay_and_the_contact_are_the_settings(content: int, client: Client) -> None:
    row = ActivationSettings.load()
    row.retention_days = 123
    row.save()
    text = client.get(NOTICE).content.decode()
    assert ('<bdi dir="ltr">123</bdi>' in text, "relaisnumeriques@" in text) == (True, True)

    PublisherSettings.objects.update_or_create(
        site=Site.objects.get(), defaults={"privacy_contact": "dpo@emmaus-connect.example"}
    )
    text = client.get(NOTICE).content.decode()
    assert ("dpo@emmaus-connect.example" in text, "relaisnumeriques@" in text) == (True, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("drawing")
def test_the_pdf_is_handed_out_and_kept(
    content: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(f"{NOTICE}pdf/", {"langue": "ar"})
    monkeypatch.setattr(views, "lay_out", None)  # a second drawing would fail
    again = client.get(f"{NOTICE}pdf/", {"langue": "ar"})

    assert (first["Content-Type"], first.content[:5]) == ("application/pdf", b"%PDF-")
    assert first["Content-Disposition"] == 'inline; filename="notice-donnees-personnelles-ar.pdf"'
    assert again.content == first.content


@pytest.mark.django_db
def test_where_nothing_draws_a_pdf_the_page_to_print_is_offered(
    content: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise pdf.PdfUnavailable

    monkeypatch.setattr(pdf, "weasyprint", broken)
    response = client.get(f"{NOTICE}pdf/", {"langue": "uk"})
    assert (response.status_code, f"{NOTICE}?langue=uk" in response.content.decode()) == (503, True)


@pytest.mark.parametrize("script", [True, False])
def test_each_language_prints_one_a4_sheet(
    published: None, server: str, browser: Browser, script: bool
) -> None:
    context = new_context(browser, width=1440, height=900, java_script_enabled=script)
    page = context.new_page()
    for language in LANGUAGES:
        page.goto(f"{server}{NOTICE}?langue={language}")
        page.emulate_media(media="print")
        sheet = page.pdf(prefer_css_page_size=True)
        page.emulate_media(media="screen")
        assert (len(PAGE.findall(sheet)), len(A4.findall(sheet))) == (1, 1)
    context.close()


@pytest.mark.parametrize("width", [320, 1440])
def test_the_page_is_accessible_and_fits(
    published: None, server: str, browser: Browser, axe: Axe, width: int
) -> None:
    context = new_context(browser, width=width, height=900)
    page = context.new_page()
    for language in LANGUAGES:
        page.goto(f"{server}{NOTICE}?langue={language}")
        axe(page)
        assert overflow(page) == 0
    context.close()
