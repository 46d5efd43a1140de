"""The page: every mention of the law, and lines that are cut into sheets as one reads them."""

import datetime as dt
import io
import re
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from shop.billing.document import Bill, Party, UnreadableLogo, Vat, render
from shop.billing.document.page import day, draw, picture
from tests.billing.bills import SELLER, SIRET, bill, credit_note, line
from tests.tickets.conftest import drawing

__all__ = ("drawing",)
pytestmark = pytest.mark.usefixtures("drawing")

LONG = "Recharge exceptionnelle et renouvelable " * 12


def text(one: Bill) -> str:
    """Return what a bill's PDF says, every space and line's end as one space."""
    pages = PdfReader(io.BytesIO(render(one).pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def classes(page: Any) -> set[str]:
    """Return the classes and tags of what is drawn on a sheet."""
    boxes = [box for box in page._page_box.descendants() if box.element is not None]
    return {box.element_tag for box in boxes} | {
        name for box in boxes for name in box.element.get("class", "").split()
    }


def logo(
    picture_format: str = "PNG", mode: str = "RGBA", size: tuple[int, int] = (900, 300)
) -> bytes:
    """Return a picture's file."""
    file = io.BytesIO()
    Image.new(mode, size, "#0b5d63").save(file, picture_format)
    return file.getvalue()


def test_an_invoice_carries_every_mention() -> None:
    public = Party("Mairie de Lyon", "1 place de la Comédie", "69001", "Lyon", siret=SIRET)
    said = text(bill(buyer=public, is_public=True, service_code="SOC-1", engagement="E-42"))

    for mention in (
        "N° 2026-000123",
        "Émise le 1er novembre 2026",
        "1er octobre 2026 au 31 octobre 2026",
        "Emmaüs Connect Association loi 1901 71 rue Archereau 75019 Paris",
        "SIRET 792 702 166 00032",
        "Mairie de Lyon 1 place de la Comédie 69001 Lyon SIRET 266 901 552 00016",
        "Code service : SOC-1",
        "Numéro d’engagement : E-42",
        "Commande 100012 du 3 octobre 2026",
        "Recharge 10 Go Réf. REC-10 2 8,50 € 17,00 €",
        "Total à payer 17,00 €",
        "TVA non applicable, art. 293 B du CGI",
        "au plus tard le 1er décembre 2026",
        "IBAN FR76 3000 6000 0112 3456 7890 189",
        "BIC AGRIFRPPXXX",
        "exigibles sans rappel dès le lendemain de l’échéance : trois fois le taux d’intérêt légal",
        "Indemnité forfaitaire pour frais de recouvrement : 40 €.",
        "Pas d’escompte pour paiement anticipé.",
        "Page 1 sur 1",
    ):
        assert mention in said


def test_a_credit_note_names_its_invoice_and_asks_for_nothing() -> None:
    said = text(credit_note(vat=Vat.NON_PROFIT))

    assert "Avoir 2026-000123, Emmaüs Connect" in said
    assert "Corrige la facture N° 2026-000099 du 1er octobre 2026" in said
    assert "Motif : Commande 100012 annulée" in said
    assert "Total de l’avoir 17,00 €" in said
    assert "Exonération de TVA, art. 261-7-1 du CGI" in said
    assert "IBAN" not in said
    assert "Pénalités" not in said


def test_free_units_are_listed_at_nothing() -> None:
    assert "Carte SIM offert Réf. REC-10 2 0,00 € 0,00 €" in text(
        bill(line(), line("Carte SIM", price="0.00"))
    )


def test_a_structure_without_siret_is_known_by_its_rna() -> None:
    said = text(bill(buyer=Party("Association", rna="W332001234")))

    assert "Association" in said
    assert "RNA W332001234" in said


def test_markup_and_braces_are_printed_as_they_are() -> None:
    assert "<b>{{ bill }}</b> & <script>" in text(bill(line("<b>{{ bill }}</b> & <script>")))


def test_what_no_font_draws_is_replaced_and_says_so() -> None:
    said = text(bill(line("🎉"), line("Carte 漢字 🎉"), buyer=Party("مركز المساعدة")))

    assert "? Réf. REC-10" in said
    assert "Carte ?? Réf. REC-10" in said


def test_sixty_long_lines_repeat_the_table_s_head() -> None:
    pages = draw(bill(*(line(LONG) for _ in range(60)))).pages

    with_lines = [page for page in pages if "line" in classes(page)]
    assert len(with_lines) > 5
    assert all("thead" in classes(page) for page in with_lines)


@pytest.mark.parametrize("count", range(8, 24))
def test_the_sums_never_stand_alone_on_a_sheet(count: int) -> None:
    lines = (line(order_number=str(number // 3)) for number in range(count))
    sheets = [classes(page) for page in draw(bill(*lines)).pages]

    (sums,) = [sheet for sheet in sheets if "sums" in sheet]
    assert "line" in sums
    assert all("line" in sheet for sheet in sheets if "order" in sheet)


def test_a_word_without_spaces_stays_on_the_sheet() -> None:
    document = draw(bill(line("x" * 255, upc="u" * 128), buyer=Party("y" * 200)))

    for page in document.pages:
        edge = page._page_box.position_x + page._page_box.margin_width()
        for box in page._page_box.descendants():
            assert not getattr(box, "text", "") or box.position_x + box.width < edge


@pytest.mark.parametrize(
    ("picture_format", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "CMYK"), ("GIF", "L")]
)
def test_any_logo_is_drawn_in_red_green_and_blue(picture_format: str, mode: str) -> None:
    drawn = Image.open(io.BytesIO(picture(logo(picture_format, mode))))

    assert (drawn.format, drawn.mode, drawn.size) == ("PNG", "RGB", (640, 213))
    assert "img" in classes(draw(bill(logo=logo(picture_format, mode))).pages[0])


@pytest.mark.parametrize(
    "content", [b"", b"no picture", logo()[:20], logo(mode="1", size=(9000, 9000))]
)
def test_a_logo_that_cannot_be_drawn_says_so(content: bytes) -> None:
    with pytest.raises(UnreadableLogo):
        picture(content)


def test_days_are_written_the_french_way() -> None:
    written = [day(dt.date(2026, month, month)) for month in (1, 2, 8, 12)]

    assert [one.replace("\u00a0", " ") for one in written] == [
        "1er janvier 2026",
        "2 février 2026",
        "8 août 2026",
        "12 décembre 2026",
    ]


def test_a_vat_number_is_printed_where_there_is_one() -> None:
    seller = Party(SELLER.name, siret=SELLER.siret, vat_number="FR12792702166")

    assert "N° de TVA FR12792702166" in text(bill(seller=seller))
