"""What orders cost, line by line, read from their frozen prices: the one query behind a bill."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from shop.handovers.months import following

# An order counts for the month of its day in Paris, unless it was cancelled. What a line drew on
# quotas is free; a product without a price is, too. One line may be both: two rows.
_ROWS = """
WITH ordered AS (
    SELECT placed.structure_id, line.id AS line_id, orders.number,
           (placed.placed_at AT TIME ZONE 'Europe/Paris')::date AS ordered_on,
           trim(coalesce(person.first_name || ' ' || person.last_name, '')) AS member,
           line.title, coalesce(line.upc, '') AS upc,
           line.quantity, coalesce(line.unit_price_incl_tax, 0) AS unit_price,
           coalesce(drawn.units, 0) AS drawn
    FROM ordering_placedorder placed
    JOIN order_order orders ON orders.id = placed.order_id
    JOIN order_line line ON line.order_id = orders.id
    LEFT JOIN accounts_user person ON person.id = orders.user_id
    LEFT JOIN LATERAL (
        SELECT sum(quantity) AS units FROM quotas_quotause WHERE order_line_id = line.id
    ) drawn ON true
    WHERE placed.structure_id = ANY(%(structures)s) AND placed.cancelled_at IS NULL
      AND placed.placed_at >= %(start)s AND placed.placed_at < %(end)s
), divided AS (
    SELECT *, CASE WHEN unit_price = 0 THEN quantity ELSE drawn END AS free FROM ordered
)
SELECT structure_id, line_id, number, ordered_on, member, title, upc,
       quantity - free, unit_price, false AS is_free
FROM divided WHERE quantity > free
UNION ALL
SELECT structure_id, line_id, number, ordered_on, member, title, upc, free, 0.00, true
FROM divided WHERE free > 0
ORDER BY structure_id, is_free, ordered_on, line_id
"""
# A line costs something exactly where some of its units do.
_PAYING = """
SELECT DISTINCT placed.structure_id
FROM ordering_placedorder placed
JOIN order_line line ON line.order_id = placed.order_id
WHERE placed.cancelled_at IS NULL AND line.line_price_incl_tax > 0
  AND placed.placed_at >= %(start)s AND placed.placed_at < %(end)s
ORDER BY placed.structure_id
"""


@dataclass(frozen=True)
class Consumed:
    """Units of one order's line, all paid or all free.

    Attributes:
        member: who ordered, as the structure knows them.
        unit_price: in euros; 0.00 for what is free.
    """

    structure_id: int
    order_line_id: int
    order_number: str
    ordered_on: dt.date
    member: str
    title: str
    upc: str
    quantity: int
    unit_price: Decimal
    is_free: bool

    @property
    def total(self) -> Decimal:
        """In euros, to the cent."""
        return self.quantity * self.unit_price


def bounds(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the moments at which a month begins and ends in Paris."""
    zone = timezone.get_default_timezone()
    first, last = month.replace(day=1), following(month)
    return (
        dt.datetime(first.year, first.month, 1, tzinfo=zone),
        dt.datetime(last.year, last.month, 1, tzinfo=zone),
    )


def consumed(structures: Collection[int], month: dt.date) -> Iterator[Consumed]:
    """Yield what structures consumed in a month: structure by structure, what is paid first.

    Args:
        structures: their keys.
        month: its first day.
    """
    start, end = bounds(month)
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"structures": list(structures), "start": start, "end": end})
        for row in cursor.fetchall():
            yield Consumed(*row)


def paying(month: dt.date) -> list[int]:
    """Return the keys of the structures that owe something for a month."""
    start, end = bounds(month)
    with connection.cursor() as cursor:
        cursor.execute(_PAYING, {"start": start, "end": end})
        return [key for (key,) in cursor.fetchall()]
