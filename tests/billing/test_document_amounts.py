"""What is printed equals the data inside: the page's text, read back, against the XML."""

import io
import re
from decimal import Decimal
from typing import Any

import facturx
import pytest
from defusedxml import ElementTree
from hypothesis import given
from pypdf import PdfReader

from shop.billing.document import Bill, render
from tests.billing.bills import ROUNDS, bills, many
from tests.billing.test_document_data import SPACES
from tests.tickets.conftest import drawing

__all__ = ("drawing",)
pytestmark = pytest.mark.usefixtures("drawing")

_EUROS = re.compile(r"(\d{1,3}(?:\s\d{3})*,\d{2})\s€")


def printed(pdf: bytes) -> list[Decimal]:
    """Return every amount of a PDF's text, in the order of the page.

    Each piece of text is a cell: in a whole line, « 12 » and « 345,67 € » would read as one.
    """
    pieces: list[str] = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=lambda text, *where: pieces.append(text.strip()))
    found = [_EUROS.fullmatch(piece) for piece in pieces]
    return [Decimal(re.sub(r"\s", "", one[1]).replace(",", ".")) for one in found if one]


def embedded(pdf: bytes) -> list[Decimal]:
    """Return the amounts of the data that factur-x finds in a PDF, in the order of the page."""
    name, xml = facturx.get_facturx_xml_from_pdf(pdf)
    assert name == "factur-x.xml"
    root = ElementTree.fromstring(xml)

    def amounts(path: str, under: Any) -> list[Decimal]:
        return [Decimal(str(node.text)) for node in under.findall(f".//ram:{path}", SPACES)]

    of_lines = [
        amount
        for line in root.findall(".//ram:IncludedSupplyChainTradeLineItem", SPACES)
        for amount in (*amounts("ChargeAmount", line), *amounts("LineTotalAmount", line))
    ]
    sums = ("TaxBasisTotalAmount", "TaxTotalAmount", "DuePayableAmount")
    return of_lines + [amount for name in sums for amount in amounts(name, root)]


@many(25 if ROUNDS == 1 else 50)  # `make soak`: 1,000
@given(bills())
def test_the_amounts_of_the_page_are_those_of_the_data(one: Bill) -> None:
    pdf = render(one).pdf

    assert printed(pdf) == embedded(pdf)
