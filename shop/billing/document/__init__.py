"""The document of an invoice: PDF/A-3 with Factur-X inside, and Chorus Pro's batch of them."""

from dataclasses import dataclass

from portal.documents.pdf import PdfUnavailable
from shop.billing.document.archive import archive, unprintable
from shop.billing.document.bill import Bill, Kind, Line, Party, Vat, printable, writable
from shop.billing.document.cii import build
from shop.billing.document.deposit import NotDepositable, deposit, file_name
from shop.billing.document.page import UnreadableLogo, draw

__all__ = [
    "Bill",
    "Document",
    "Kind",
    "Line",
    "NotDepositable",
    "Party",
    "UnreadableLogo",
    "Vat",
    "deposit",
    "file_name",
    "render",
]


@dataclass(frozen=True)
class Document:
    """The file, and the data that it holds."""

    pdf: bytes
    xml: bytes


def render(bill: Bill) -> Document:
    """Return a bill's document: the same bytes each time, for the same bill on the same machine.

    Raises:
        PdfUnavailable: a library of the system is missing, or a font for one of the letters.
        UnreadableLogo: the logo is no picture.
        InvalidData: the XSD refuses the data.
    """
    bill = writable(bill)
    xml = build(bill)
    document = draw(bill)
    pdf = archive(document, xml, bill)
    if missing := unprintable(document):
        document = draw(printable(bill, missing))
        pdf = archive(document, xml, bill)
        if unprintable(document):
            raise PdfUnavailable
    return Document(pdf, xml)
