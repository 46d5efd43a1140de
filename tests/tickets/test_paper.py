"""The sheet: one A6 page in each language, whatever its texts, readable and complete."""

import datetime as dt
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from knowledge.models import UsefulNumber
from portal.documents.languages import LANGUAGES
from portal.documents.pdf import VARIANT, PdfUnavailable, refuse
from portal.telecom import numbers
from shop.tickets import pdf
from shop.tickets.texts import words
from shop.tickets.ticket import Ticket, make

pytestmark = pytest.mark.usefixtures("drawing")

MILLIMETRES = 25.4 / 96  # of WeasyPrint's pixels
PIXELS = 96 / 72  # in a point
LONGEST = {
    "title": "Recharge exceptionnelle gratuite et renouvelable chaque mois " * 4,
    "validity": "Trente jours à compter du premier appel, sauf pour les appels vers l’étranger, "
    "dont le crédit dure un peu moins.",
    "secret": "1234567890123456",
}


@pytest.fixture(autouse=True)
def useful(monkeypatch: pytest.MonkeyPatch) -> list[numbers.UsefulNumber]:
    """Lend a list of useful numbers that the test may write to."""
    known = ("1023", "123", "950", "952", "963", "3179")
    listed = [numbers.UsefulNumber(phone, f"à propos du {phone}") for phone in known]
    monkeypatch.setattr(numbers, "_providers", [lambda: listed])
    return listed


def ticket(
    language: str, *, title: str = "Recharge exceptionnelle gratuite", **fields: Any
) -> Ticket:
    """Return a ticket without a database behind it."""
    terms = SimpleNamespace(
        validity=fields.pop("validity", "30 jours"), quota_only=fields.pop("quota_only", False)
    )
    product = SimpleNamespace(terms=terms, get_title=lambda: title)
    code: Any = SimpleNamespace(product=product, expires_on=dt.date(2027, 9, 23))
    return make(code, words(language), **({"secret": "0987654321"} | fields))


def pages(one: Ticket) -> list[tuple[float, float]]:
    """Return the sheets' sizes in millimetres."""
    return [
        (round(page.width * MILLIMETRES, 1), round(page.height * MILLIMETRES, 1))
        for page in pdf.document(one).pages
    ]


def written(one: Ticket) -> Iterator[Any]:
    """Yield the boxes of text of the sheet, in WeasyPrint's layout."""
    (page,) = pdf.document(one).pages
    for box in page._page_box.descendants():
        if getattr(box, "text", "").strip():
            yield box


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("longest", [False, True])
def test_a_ticket_is_one_a6_sheet(
    useful: list[numbers.UsefulNumber], language: str, longest: bool
) -> None:
    if longest:
        long = "un numéro dont la raison d’être demande toute une phrase, et une autre encore"
        useful[:] = [numbers.UsefulNumber(f"01 23 45 67 8{n}", long) for n in range(9)]

    assert pages(ticket(language, **(LONGEST if longest else {}))) == [(105.0, 148.0)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_is_big_whole_and_from_left_to_right(language: str) -> None:
    boxes = [box for box in written(ticket(language)) if box.text in ("09", "87", "65", "43", "21")]

    assert [box.text for box in boxes] == ["09", "87", "65", "43", "21"]
    assert [box.position_x for box in boxes] == sorted(box.position_x for box in boxes)
    assert len({box.position_y for box in boxes}) == 1
    assert min(box.style["font_size"] for box in boxes) >= 24 * PIXELS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("longest", [False, True])
def test_no_text_is_smaller_than_nine_points(language: str, longest: bool) -> None:
    one = ticket(language, **(LONGEST if longest else {}))

    assert min(box.style["font_size"] for box in written(one)) >= 9 * PIXELS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_tagged_titled_and_says_its_language(language: str) -> None:
    laid_out = pdf.document(ticket(language))
    content = laid_out.write_pdf(pdf_variant=VARIANT, uncompressed_pdf=True)

    assert laid_out.metadata.title == words(language).title
    assert f"/Lang ({language})".encode() in content
    assert b"pdfuaid:part" in content
    assert b"/StructTreeRoot" in content
    assert laid_out.metadata.lang == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_has_a_font(language: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="weasyprint")

    assert pdf.draw(ticket(language))[:5] == b"%PDF-"
    assert caplog.messages == []


def test_a_letter_without_a_font_is_no_ticket() -> None:
    with pytest.raises(PdfUnavailable):
        pdf.draw(ticket("fr", title="Recharge \U00030000"))  # a rare Chinese letter


def test_a_sheet_loads_nothing() -> None:
    with pytest.raises(ValueError, match="loads nothing"):
        refuse("https://example.org/picture.png")


def test_the_useful_numbers_are_in_the_tickets_language_without_those_of_the_steps() -> None:
    listed = [(one.phone, one.label, one.french) for one in ticket("es").numbers]

    assert [phone for phone, _, _ in listed] == ["1023", "123", "963", "3179"]
    assert listed[0] == ("1023", "atención al cliente de SFR", False)


def test_a_number_without_a_translation_keeps_its_french_words(
    useful: list[numbers.UsefulNumber],
) -> None:
    useful[:] = [numbers.UsefulNumber("0800 12 34 56", "pour être rappelé")]

    (line,) = ticket("ar").numbers
    assert (line.phone, line.label, line.french) == ("0800 12 34 56", "pour être rappelé", True)


def test_what_cannot_be_translated_of_a_validity_stays_french() -> None:
    one = ticket("en", validity="Un mois d’appels")
    assert (one.validity, one.french_validity) == ("", "Un mois d’appels")


def test_the_period_of_an_avenant_is_not_the_persons_affair() -> None:
    one = ticket("en", validity="Pendant la période de votre avenant", quota_only=True)
    assert (one.validity, one.french_validity) == ("", "")


def test_the_numbers_are_the_editors_published_ones(content: int) -> None:
    UsefulNumber.objects.filter(number="963").update(live=False)
    UsefulNumber.objects.create(number="01 44 00 00 00", label="nous appeler", provider="emmaus")

    lent = [one.phone for one in UsefulNumber.for_beneficiaries()]
    assert lent == ["1023", "123", "950", "952", "3179"]
