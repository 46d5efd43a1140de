"""The figures of a period, added up by the database: three statements, whatever it holds.

An order counts for the month of its day in Paris, unless it was cancelled; what is invoiced, given
back and left counts for the month of the orders that were invoiced, so that a month's columns
speak of the same orders. `shop.billing.figures.reconcile` counts all of it again, another way.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from shop.billing.balances import Situation
from shop.billing.figures.periods import Period
from shop.billing.models import Invoice, InvoiceQuerySet

NOTHING = Decimal("0.00")
#: A product is known by its reference; by its title where it has none.
PRODUCT = "coalesce(nullif(line.upc, ''), line.title)"
# What discounts take off a line is what its free units would have cost: no other discount exists.
SALES = f"""
WITH sold AS (
    SELECT date_trunc('month', placed.placed_at AT TIME ZONE 'Europe/Paris')::date AS month,
           placed.structure_id AS structure, {PRODUCT} AS product, line.title, line.quantity,
           line.line_price_incl_tax AS due, coalesce(line.unit_price_incl_tax, 0) AS price,
           line.line_price_before_discounts_incl_tax - line.line_price_incl_tax AS given
    FROM ordering_placedorder placed
    JOIN order_line line ON line.order_id = placed.order_id
    WHERE placed.cancelled_at IS NULL
      AND placed.placed_at >= %(start)s AND placed.placed_at < %(end)s
)
SELECT grouping(month, structure, product) AS axis, month, structure, product, max(title),
       sum(CASE WHEN price = 0 THEN 0 ELSE quantity - round(given / nullif(price, 0)) END)::int,
       sum(CASE WHEN price = 0 THEN quantity ELSE round(given / nullif(price, 0)) END)::int,
       sum(due) AS turnover, sum(given) AS given
FROM sold GROUP BY GROUPING SETS ((), (month), (structure), (product))
"""  # noqa: S608 (constants only)
BILLED = f"""
WITH billed AS (
    SELECT coalesce(corrected.month, invoice.month) AS month,
           invoice.structure_id AS structure, {PRODUCT} AS product, line.title, line.total,
           invoice.kind
    FROM billing_invoice invoice
    JOIN billing_invoiceline line ON line.invoice_id = invoice.id AND NOT line.is_free
    LEFT JOIN billing_invoice corrected ON corrected.id = invoice.corrects_id
    WHERE invoice.state = 'issued'
      AND coalesce(corrected.month, invoice.month) BETWEEN %(first)s AND %(last)s
)
SELECT grouping(month, structure, product) AS axis, month, structure, product, max(title),
       coalesce(sum(total) FILTER (WHERE kind = 'invoice'), 0.00) AS invoiced,
       coalesce(sum(total) FILTER (WHERE kind = 'credit_note'), 0.00) AS credited
FROM billed GROUP BY GROUPING SETS ((), (month), (structure), (product))
"""  # noqa: S608 (constants only)
#: What ``grouping(month, structure, product)`` says of a row: the bits of what it adds up.
_ALL, _MONTH, _STRUCTURE = 0b111, 0b011, 0b101
Row = tuple[Any, ...]


@dataclass
class Figures:
    """What a month, a structure, a product or all of them come to.

    Attributes:
        paid, free: units ordered.
        turnover: what the orders' paid units cost, in euros.
        given: what the free ones would have cost, at the orders' own prices, in euros.
        invoiced, credited: issued invoices, and issued credit notes (positive), in euros.
        left, late: what is left to pay of those invoices, and how much of it is late, in euros;
            nothing of a product, since an invoice is paid as a whole.
    """

    paid: int = 0
    free: int = 0
    turnover: Decimal = NOTHING
    given: Decimal = NOTHING
    invoiced: Decimal = NOTHING
    credited: Decimal = NOTHING
    left: Decimal = NOTHING
    late: Decimal = NOTHING

    def __bool__(self) -> bool:
        """Return whether there is anything to tell."""
        return any(getattr(self, one.name) for one in fields(self))


@dataclass
class Report:
    """The figures of a period, whole and by what they are of; ``titles`` names the products."""

    period: Period
    total: Figures = field(default_factory=Figures)
    months: dict[dt.date, Figures] = field(default_factory=dict)
    structures: dict[int, Figures] = field(default_factory=dict)
    products: dict[str, Figures] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, object, Figures]]:
        """Yield every row: what it is of, its key and its figures."""
        yield "total", "", self.total
        for axis in ("months", "structures", "products"):
            for key, found in getattr(self, axis).items():
                yield axis, key, found


def read(period: Period) -> Report:
    """Return the figures of a period; its months are all there, structures and products in use."""
    report = Report(period, months={month: Figures() for month in period.months})
    for row in _sales(period):
        found = _of(report, row)
        found.paid, found.free, found.turnover, found.given = row[5:]
    for row in _billed(period):
        found = _of(report, row)
        found.invoiced, found.credited = row[5:]
    for month, structure, left, late in unpaid(period):
        for found in (
            report.total,
            report.months[month],
            report.structures.setdefault(structure, Figures()),
        ):
            found.left += left
            found.late += late
    return report


def unpaid(period: Period | None = None) -> Iterator[tuple[dt.date, int, Decimal, Decimal]]:
    """Yield month, structure, what is left to pay of its invoice and how much of that is late.

    Args:
        period: of the invoices' months; every one by default.
    """
    issued = Invoice.objects.invoices().issued()
    if period:
        issued = issued.filter(month__range=(period.first, period.last))
    yield from added_up(issued)


def added_up(issued: InvoiceQuerySet) -> "QuerySet[Invoice, tuple[Any, ...]]":
    """Return month, structure, and euros left and late of the invoices that are not paid up."""
    open_ones = issued.with_balance().filter(left__gt=0).order_by("month", "structure")
    found: QuerySet[Invoice, tuple[Any, ...]]
    found = open_ones.values_list("month", "structure").annotate(
        open=Sum("left"), late=Sum("left", filter=Q(situation=Situation.LATE), default=NOTHING)
    )
    return found


def first_month() -> dt.date | None:
    """Return the month of the oldest order; none where there is no order at all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('month', min(placed_at) AT TIME ZONE 'Europe/Paris')::date"
            " FROM ordering_placedorder"
        )
        found: dt.date | None = cursor.fetchone()[0]
    return found


def _sales(period: Period) -> list[Row]:
    start, end = period.moments
    return _fetched(SALES, {"start": start, "end": end})


def _billed(period: Period) -> list[Row]:
    return _fetched(BILLED, {"first": period.first, "last": period.last})


def _fetched(statement: str, values: dict[str, dt.date]) -> list[Row]:
    """Run a statement; of an empty period, its grand total has no sums."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row for row in cursor.fetchall() if row[-1] is not None]


def _of(report: Report, row: Row) -> Figures:
    """Return the figures that a row of a statement speaks of."""
    kind, month, structure, product, title = row[:5]
    if kind == _ALL:
        return report.total
    if kind == _MONTH:
        return report.months[month]
    if kind == _STRUCTURE:
        return report.structures.setdefault(structure, Figures())
    report.titles.setdefault(product, title)
    return report.products.setdefault(product, Figures())
