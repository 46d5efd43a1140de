"""The accounting export: what was issued in some days, a line per invoice, product and price.

Everything is read from what never changes, in the order of the numbers: days that are over give
the same lines for ever. What was free has no line, since it has no amount.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.utils import timezone

from portal.sheets.writing import Cell
from shop.billing.models import Invoice, InvoiceLine
from shop.handovers.months import following

#: Sales, as most accounting programs call them.
JOURNAL = "VE"
HEADER = (
    "Journal",
    "Date",
    "Numéro",
    "Nature",
    "Structure",
    "SIRET",
    "Référence",
    "Produit",
    "Quantité",
    "Prix unitaire",
    "Total",
    "TVA",
    "Échéance",
    "Facture corrigée",
)
#: Lines that the database hands over at once.
CHUNK = 2000
_NONE = Decimal("0.00")


@dataclass(frozen=True)
class Days:
    """Days of issue, both ends included."""

    first: dt.date
    last: dt.date

    @classmethod
    def of_month(cls, month: dt.date) -> "Days":
        """Return the days of a month, known by its first one."""
        return cls(month, following(month) - dt.timedelta(days=1))

    @property
    def are_over(self) -> bool:
        """Whether nothing more can be issued in them: dates of issue never go back."""
        return self.last < timezone.localdate()


@dataclass(frozen=True)
class Totals:
    """What some days issued.

    Attributes:
        invoiced, credited: in euros; what credit notes give back is positive.
    """

    invoices: int
    credit_notes: int
    invoiced: Decimal
    credited: Decimal

    @property
    def net(self) -> Decimal:
        """What the lines of the export add up to, in euros."""
        return self.invoiced - self.credited


def totals(days: Days) -> Totals:
    """Add up the invoices themselves, not their lines: the export must come to the same."""
    is_credit_note = Q(kind=Invoice.Kind.CREDIT_NOTE)
    found = Invoice.objects.issued().filter(issued_on__range=(days.first, days.last))
    return Totals(
        **found.aggregate(
            invoices=Count("pk", filter=~is_credit_note),
            credit_notes=Count("pk", filter=is_credit_note),
            invoiced=Sum("total", filter=~is_credit_note, default=_NONE),
            credited=Sum("total", filter=is_credit_note, default=_NONE),
        )
    )


def first_day() -> dt.date | None:
    """Return the day of the first invoice; none where nothing was issued yet."""
    found: dt.date | None = Invoice.objects.issued().aggregate(on=Min("issued_on"))["on"]
    return found


def rows(days: Days) -> Iterator[list[Cell]]:
    """Yield the lines under `HEADER`, some at a time; a credit note's units and euros are negative.

    Args:
        days: of issue.
    """
    for row in _lines(days).iterator(chunk_size=CHUNK):
        (_, _, kind, on, number, name, siret, upc, title, price, vat, due, corrected) = row[:13]
        units, total = row[13:]
        sign = -1 if kind == Invoice.Kind.CREDIT_NOTE else 1
        what = [JOURNAL, on, number, Invoice.Kind(kind).label, name, siret, upc, title]
        yield [*what, sign * units, price, sign * total, vat, due, corrected]


def _lines(days: Days) -> "QuerySet[InvoiceLine, tuple[Any, ...]]":
    """Return the paid lines of each invoice by product and price, in the order of the numbers."""
    lines = InvoiceLine.objects.filter(
        invoice__state=Invoice.State.ISSUED,
        invoice__issued_on__range=(days.first, days.last),
        is_free=False,
    )
    return (
        lines.annotate(
            name=F("invoice__buyer__name"),
            siret=F("invoice__buyer__siret"),
            vat=F("invoice__mentions__vat"),
        )
        .values_list(
            *("invoice__year", "invoice__rank", "invoice__kind", "invoice__issued_on"),
            *("invoice__number", "name", "siret", "upc", "title", "unit_price", "vat"),
            *("invoice__due_on", "invoice__corrects__number"),
        )
        .annotate(units=Sum("quantity"), amount=Sum("total"))
        .order_by("invoice__year", "invoice__rank", "upc", "title", "unit_price")
    )
