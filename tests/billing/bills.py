"""Bills to draw: one that is plain, and any that a shop could ever write."""

import datetime as dt
import os
from decimal import Decimal
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st

from shop.billing.document import Bill, Kind, Line, Party, Vat

#: ``make soak`` (ROUNDS=20) draws 1,000 of them.
ROUNDS = int(os.environ.get("ROUNDS", "1"))
SELLER = Party(
    "Emmaüs Connect",
    "71 rue Archereau",
    "75019",
    "Paris",
    legal_form="Association loi 1901",
    siret="79270216600032",
)
SIRET = "26690155200016"
BUYER = Party("CCAS de Villeurbanne", "Place Lazare-Goujon", "69100", "Villeurbanne", siret=SIRET)
FIRST = dt.date(2026, 10, 3)


def many(examples: int) -> settings:
    """Return Hypothesis's settings for so many examples, times the rounds that are asked for.

    A failing bill is shown as it was drawn: to shrink one takes minutes of drawing.
    """
    phases = [Phase.explicit, Phase.generate]
    return settings(max_examples=examples * ROUNDS, deadline=None, database=None, phases=phases)


def line(title: str = "Recharge 10 Go", **facts: Any) -> Line:
    """Return two units at 8,50 €, unless told otherwise."""
    price = Decimal(facts.pop("price", "8.50"))
    quantity = facts.pop("quantity", 2)
    known: dict[str, Any] = {"order_number": "100012", "ordered_on": FIRST, "upc": "REC-10"}
    return Line(title, quantity, price, quantity * price, is_free=not price, **(known | facts))


def bill(*lines: Line, **facts: Any) -> Bill:
    """Return an invoice of these lines, or of one."""
    known: dict[str, Any] = {
        "kind": Kind.INVOICE,
        "number": "2026-000123",
        "issued_on": dt.date(2026, 11, 1),
        "due_on": dt.date(2026, 12, 1),
        "supplied_from": dt.date(2026, 10, 1),
        "supplied_to": dt.date(2026, 10, 31),
        "seller": SELLER,
        "buyer": BUYER,
        "vat": Vat.FRANCHISE,
        "penalties": "Trois fois le taux d’intérêt légal en vigueur",
        "indemnity": "Indemnité forfaitaire pour frais de recouvrement\u00a0: 40\u00a0€.",
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPPXXX",
    }
    return Bill(lines=lines or (line(),), **(known | facts))


def credit_note(*lines: Line, **facts: Any) -> Bill:
    """Return a credit note of these lines, or of one."""
    known: dict[str, Any] = {
        "kind": Kind.CREDIT_NOTE,
        "corrects": "2026-000099",
        "corrects_issued_on": dt.date(2026, 10, 1),
        "reason": "Commande 100012 annulée",
    }
    return bill(*lines, **(known | facts))


#: Letters of several alphabets, markup, signs, spaces: no euro sign, which the tests look for.
words = st.text(
    st.characters(codec="utf-8", exclude_characters="€", exclude_categories=("Cs",)), max_size=60
)
#: What people do type: letters that the machine's fonts have.
names = st.text("abcéèçÉŒ’ &<>\"'/-0123456789ЖЇمركز", min_size=1, max_size=60)
days = st.dates(dt.date(2024, 1, 1), dt.date(2090, 12, 31))
prices = st.one_of(
    st.just(Decimal("0.00")),
    st.decimals("0.01", "9999.99", places=2),
)


@st.composite
def lines_of(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> Line:
    """Draw a line whose total is right."""
    return line(
        draw(texts),
        price=draw(prices),
        quantity=draw(st.integers(1, 500)),
        order_number=str(draw(st.integers(100000, 100003))),
        ordered_on=draw(days),
        upc=draw(st.text("ABC-019", max_size=20)),
        member=draw(texts),
    )


@st.composite
def bills(draw: st.DrawFn, texts: st.SearchStrategy[str] = names, most: int = 20) -> Bill:
    """Draw an invoice or a credit note of up to ``most`` lines."""
    issued_on = draw(days)
    kind = draw(st.sampled_from([bill, credit_note]))
    return kind(
        *draw(st.lists(lines_of(texts), min_size=1, max_size=most)),
        number=f"{issued_on.year}-{draw(st.integers(1, 999999)):06}",
        issued_on=issued_on,
        due_on=issued_on + dt.timedelta(days=draw(st.integers(0, 60))),
        supplied_from=issued_on.replace(day=1),
        supplied_to=issued_on,
        buyer=Party(
            draw(texts.filter(str.strip)),
            draw(texts),
            "69100",
            draw(texts),
            siret=draw(st.sampled_from(["", SIRET])),
        ),
        vat=draw(st.sampled_from(Vat)),
        service_code=draw(texts),
        engagement=draw(texts),
    )
