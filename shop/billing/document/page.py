"""A bill's page: what is printed, and how it is cut into sheets."""

import datetime as dt
import io
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string
from PIL import Image
from stdnum import iban
from stdnum.fr import siret

from portal.documents.pdf import lay_out
from portal.ui.forms import MONTHS
from shop.billing.document.bill import Bill, Line, Party
from shop.billing.document.cii import penalties

STYLES = ("css/invoice.css",)
LOGO = "picture:logo"
_LOGO_PIXELS = (640, 240)
_MAX_PIXELS = 40_000_000


class UnreadableLogo(ValueError):
    """The logo's file is no picture that can be drawn."""


@dataclass(frozen=True)
class Order:
    """Lines of one order, as they follow each other on the page."""

    number: str
    day: str
    member: str
    lines: tuple[Line, ...]


def draw(bill: Bill) -> Any:
    """Lay a bill out and return WeasyPrint's document.

    Raises:
        PdfUnavailable: a library of the system is missing.
        UnreadableLogo: the logo is no picture.
    """
    html = render_to_string("billing/document/page.html", _context(bill))
    pictures = {LOGO: picture(bill.logo)} if bill.logo else None
    return lay_out(html, styles=STYLES, pictures=pictures)


def _context(bill: Bill) -> dict[str, Any]:
    return {
        "bill": bill,
        "orders": _orders(bill.lines),
        "seller_numbers": _numbers(bill.seller),
        "buyer_numbers": _numbers(bill.buyer),
        "issued_on": day(bill.issued_on),
        "due_on": day(bill.due_on),
        "supplied_from": day(bill.supplied_from),
        "supplied_to": day(bill.supplied_to),
        "corrects_issued_on": bill.corrects_issued_on and day(bill.corrects_issued_on),
        "iban": iban.format(bill.iban).replace(" ", "\u00a0"),
        "penalties": penalties(bill),
        "vat": 0,
        "logo": LOGO if bill.logo else "",
    }


def _orders(lines: tuple[Line, ...]) -> list[Order]:
    def order(line: Line) -> tuple[str, dt.date, str]:
        return line.order_number, line.ordered_on, line.member

    return [
        Order(number, day(ordered_on), member, tuple(group))
        for (number, ordered_on, member), group in groupby(lines, order)
    ]


def _numbers(party: Party) -> list[tuple[str, str]]:
    """Return the numbers that a party is known by, grouped as they are read aloud."""
    known = [
        ("SIRET", siret.format(party.siret) if party.siret else ""),
        ("RNA", party.rna if not party.siret else ""),
        ("N°\u00a0de TVA", party.vat_number),
    ]
    return [(name, number.replace(" ", "\u00a0")) for name, number in known if number]


def day(when: dt.date) -> str:
    """Write a day the French way: ``1er novembre 2026``."""
    number = "1er" if when.day == 1 else str(when.day)
    return f"{number}\u00a0{MONTHS[when.month - 1]}\u00a0{when.year}"


@lru_cache(maxsize=4)
def picture(content: bytes) -> bytes:
    """Return a logo as PDF/A takes it: a small PNG in red, green and blue, without a profile.

    Raises:
        UnreadableLogo: it is no picture, or one that is too large.
    """
    written = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content)) as logo:
            if logo.width * logo.height > _MAX_PIXELS:
                raise UnreadableLogo("too large")
            drawn = logo.convert("RGBA")
        drawn.thumbnail(_LOGO_PIXELS)
        Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("RGB").save(
            written, "PNG"
        )
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableLogo(str(error)) from error
    return written.getvalue()
