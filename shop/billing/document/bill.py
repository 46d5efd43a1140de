"""What an issued invoice or credit note says, with no database behind it.

The facts are those frozen at issue: the page, the data inside it and Chorus Pro's batch are all
drawn from the same ``Bill``, twice the same for the same facts.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar, cast

_Facts = TypeVar("_Facts")
_CENTS = -2  # exponent of an amount in euros
#: What XML 1.0 cannot hold: controls, halves of a pair, and two that are no characters.
_UNWRITABLE = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Kind(Enum):
    """Codes of UNTDID 1001."""

    INVOICE = "380"
    CREDIT_NOTE = "381"


class Vat(Enum):
    """Why no VAT is charged: the code of the European list, and the mention of the law."""

    FRANCHISE = ("VATEX-FR-FRANCHISE", "TVA non applicable, art. 293 B du CGI")
    NON_PROFIT = ("VATEX-FR-CGI261-7", "Exonération de TVA, art. 261-7-1 du CGI")

    @property
    def code(self) -> str:
        """The code of the exemption's reason (VATEX)."""
        return self.value[0]

    @property
    def mention(self) -> str:
        """The sentence printed on the page."""
        return self.value[1]


@dataclass(frozen=True)
class Party:
    """The seller or the buyer; only the seller needs a ``siret``, and a buyer who is public.

    A buyer without one is reached by ``email``.
    """

    name: str
    address: str = ""
    postcode: str = ""
    city: str = ""
    legal_form: str = ""
    siret: str = ""
    vat_number: str = ""
    rna: str = ""
    email: str = ""

    @property
    def siren(self) -> str:
        """The nine digits that a SIRET begins with."""
        return self.siret[:9]


@dataclass(frozen=True)
class Line:
    """Units of one product of one order, at one price in euros."""

    title: str
    quantity: int
    unit_price: Decimal
    total: Decimal
    order_number: str
    ordered_on: dt.date
    upc: str = ""
    member: str = ""
    is_free: bool = False

    def __post_init__(self) -> None:
        """Refuse sums that a reader would find wrong.

        Raises:
            ValueError: an amount without two places, or that is not quantity × price.
        """
        _check_amounts(self.unit_price, self.total)
        if self.quantity < 1 or self.quantity * self.unit_price != self.total:
            raise ValueError("A line's total is its quantity times its price.")
        if self.is_free != (not self.total):
            raise ValueError("A line is free, or has a price.")


@dataclass(frozen=True)
class Bill:
    """An invoice or a credit note. A credit note's amounts are positive: its kind gives back.

    ``penalties`` is the rate in words, ``indemnity`` and ``discount`` are whole sentences;
    ``logo`` is a picture's file in any format that Pillow reads.
    """

    kind: Kind
    number: str
    issued_on: dt.date
    due_on: dt.date
    supplied_from: dt.date
    supplied_to: dt.date
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    vat: Vat
    penalties: str
    indemnity: str
    iban: str
    bic: str
    discount: str = "Pas d’escompte pour paiement anticipé."
    is_public: bool = False
    service_code: str = ""
    engagement: str = ""
    corrects: str = ""
    corrects_issued_on: dt.date | None = None
    reason: str = ""
    logo: bytes = b""

    def __post_init__(self) -> None:
        """Refuse a bill that no document can be drawn of.

        Raises:
            ValueError: no line, no SIRET of the seller's, or a credit note of nothing.
        """
        if not self.lines or not self.seller.siret:
            raise ValueError("A bill has lines, and a seller with a SIRET.")
        if self.is_credit_note != bool(self.corrects and self.corrects_issued_on):
            raise ValueError("A credit note, and nothing else, corrects an invoice.")

    @property
    def is_credit_note(self) -> bool:
        """Whether it gives back."""
        return self.kind is Kind.CREDIT_NOTE

    @cached_property
    def total(self) -> Decimal:
        """The sum of its lines, in euros."""
        return sum((line.total for line in self.lines), Decimal("0.00"))

    @property
    def name(self) -> str:
        """What it is called: ``Facture 2026-000123``."""
        return f"{'Avoir' if self.is_credit_note else 'Facture'} {self.number}"


def writable(facts: _Facts) -> _Facts:
    """Return the same facts without the characters that no XML can hold."""
    return cast(_Facts, _rewritten(facts, lambda text: _UNWRITABLE.sub("", text)))


def printable(facts: _Facts, unprintable: frozenset[str]) -> _Facts:
    """Return the same facts as they can be printed: a letter becomes ``?``, a sign goes away.

    PDF/A allows no character without its drawing; the data keep each of them.
    """
    table = {ord(one): "?" if one.isalnum() else "" for one in unprintable}
    return cast(_Facts, _rewritten(facts, lambda text: text.translate(table) or (text and "?")))


def _rewritten(facts: Any, rewrite: Callable[[str], str]) -> Any:
    """Return facts whose texts, however deep, are those that ``rewrite`` returns."""
    if isinstance(facts, str):
        return rewrite(facts)
    if isinstance(facts, tuple):
        return tuple(_rewritten(one, rewrite) for one in facts)
    if is_dataclass(facts) and not isinstance(facts, type):
        return replace(
            facts,
            **{one.name: _rewritten(getattr(facts, one.name), rewrite) for one in fields(facts)},
        )
    return facts


def _check_amounts(*amounts: Decimal) -> None:
    if any(one.as_tuple().exponent != _CENTS or one < 0 for one in amounts):
        raise ValueError("An amount is positive, with two places.")
