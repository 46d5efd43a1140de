"""The month in progress, as its invoice would be today."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from portal.structures.models import Structure
from shop.billing.consumption import Consumed, consumed
from shop.handovers.months import this_month


@dataclass(frozen=True)
class Part:
    """What one member, or one product, adds to the bill.

    Attributes:
        total: in euros.
    """

    name: str
    paid: int
    free: int
    total: Decimal


@dataclass(frozen=True)
class Forecast:
    """A structure's month so far."""

    month: dt.date
    rows: tuple[Consumed, ...]

    @property
    def total(self) -> Decimal:
        """What the invoice would ask for, in euros."""
        return sum((row.total for row in self.rows), Decimal("0.00"))

    @property
    def by_member(self) -> list[Part]:
        """The same by who ordered, in the order of their names."""
        return _parts(self.rows, lambda row: row.member)

    @property
    def by_product(self) -> list[Part]:
        """The same by product."""
        return _parts(self.rows, lambda row: row.title)


def forecast(structure: Structure) -> Forecast:
    """Return what a structure has consumed this month; cancelled orders are left out."""
    month = this_month()
    return Forecast(month, tuple(consumed([structure.pk], month)))


def _parts(rows: tuple[Consumed, ...], name: Callable[[Consumed], str]) -> list[Part]:
    found: dict[str, list[Consumed]] = defaultdict(list)
    for row in rows:
        found[name(row)].append(row)
    return [
        Part(
            key,
            paid=sum(row.quantity for row in mine if not row.is_free),
            free=sum(row.quantity for row in mine if row.is_free),
            total=sum((row.total for row in mine), Decimal("0.00")),
        )
        for key, mine in sorted(found.items())
    ]
