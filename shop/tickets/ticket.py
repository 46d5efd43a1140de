"""What a ticket says: a value that the preview, the page to print and the PDF draw alike."""

from dataclasses import dataclass

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from portal.telecom.numbers import Purpose, UsefulNumber, by_purpose, useful_numbers
from portal.ui.text import group_digits
from shop.recharges.models import RechargeCode
from shop.tickets.texts import Words

#: What keeps the longest texts of référents and editors on one A6 page.
MAX_NUMBERS = 4
MAX_LABEL = 40
MAX_TITLE = 60
LINE = 34  # characters of a product's name on one line
ONE_ROW = 10  # digits
MASKED = ("••",) * 5
QUIET_ZONE = 4  # modules of white around a QR code (ISO/IEC 18004)


@dataclass(frozen=True)
class Line:
    """A useful number; ``french`` where the language has no words for what it does."""

    phone: str
    label: str
    french: bool


@dataclass(frozen=True)
class Ticket:
    """A ticket in one language.

    Attributes:
        words: the language.
        product: SFR's name for it, the same in every language.
        groups: the number by pairs of digits; dots where it is masked.
        masked: whether they are dots.
        expires: until when the number can be used.
        validity: how long the credit lasts; empty where that is not said.
        french_validity: the référent's own words, where they cannot be translated.
        numbers: whom to call for the rest.
        qr: drawing of the QR code, as SVG.
        qr_caption: what scanning it does.
        is_dense: whether its texts are so long that they are to be set smaller.
    """

    words: Words
    product: str
    groups: tuple[str, ...]
    masked: bool
    expires: str
    validity: str
    french_validity: str
    numbers: list[Line]
    qr: SafeString
    qr_caption: str
    is_dense: bool


def make(code: RechargeCode, words: Words, *, secret: str = "", code_in_qr: bool = False) -> Ticket:
    """Write the ticket of a code.

    Args:
        code: with its product and the product's terms.
        words: the language.
        secret: the number in clear; masked where empty.
        code_in_qr: whether the QR code holds the number too; never while it is masked.
    """
    terms = code.product.terms
    title = Truncator(code.product.get_title()).chars(MAX_TITLE)
    validity = words.duration(terms.validity)
    # What a product on quota says there is the structure's avenant, not the person's credit.
    french = "" if validity or terms.quota_only else terms.validity
    with_code = code_in_qr and bool(secret)
    listed = useful_numbers()
    told = by_purpose(listed)
    balance, top_up = told[Purpose.BALANCE].phone, told[Purpose.TOP_UP].phone
    words = words.telling(balance=balance, top_up=top_up)
    call = f"tel:{top_up.replace(' ', '')}"
    caption = words.qr_code if with_code else words.qr
    return Ticket(
        words=words,
        product=title,
        groups=tuple(group_digits(secret)) or MASKED,
        masked=not secret,
        expires=words.expires.format(date=words.day(code.expires_on)),
        validity=validity,
        french_validity=french,
        numbers=_numbers(words, [one for one in listed if one.phone not in {balance, top_up}]),
        qr=_qr(f"{call},,{secret}" if with_code else call, caption),
        qr_caption=caption,
        is_dense=len(title) > LINE or len(french) > LINE or len(secret) > ONE_ROW,
    )


def _numbers(words: Words, others: list[UsefulNumber]) -> list[Line]:
    """Return the numbers that the steps do not tell, in French where the language has no words."""
    return [
        Line(
            phone=one.phone,
            label=words.labels.get(one.phone) or Truncator(one.label).chars(MAX_LABEL),
            french=one.phone not in words.labels,
        )
        for one in others[:MAX_NUMBERS]
    ]


def _qr(content: str, title: str) -> SafeString:
    """Draw a QR code; a Micro QR code would be smaller, and few phones read them."""
    drawn = segno.make_qr(content, error="m").svg_inline(
        border=QUIET_ZONE, omitsize=True, svgclass="coupon__code", lineclass=None, title=title
    )
    return mark_safe(drawn)  # noqa: S308  (segno escapes the title)
