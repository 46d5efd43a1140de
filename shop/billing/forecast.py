"""The month in progress, as its invoice would be today."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from portal.structures.models import Structure
from shop.billing import parts
from shop.billing.consumption import Consumed, consumed
from shop.billing.parts import Part
from shop.handovers.months import this_month

__all__ = ("Forecast", "Part", "forecast")


@dataclass(frozen=True)
class Forecast:
    """A structure's month so far."""

    month: dt.date
    rows: tuple[Consumed, ...]

    @property
    def total(self) -> Decimal:
        """What the invoice would ask for, in euros."""
        return self.whole.total

    @property
    def whole(self) -> Part:
        """All of it: units that are paid, units that are free, and euros."""
        return parts.whole(self.rows)

    @property
    def by_member(self) -> list[Part]:
        """The same by who ordered, in the order of their names."""
        return parts.by_member(self.rows)

    @property
    def by_product(self) -> list[Part]:
        """The same by product."""
        return parts.by_product(self.rows)


def forecast(structure: Structure) -> Forecast:
    """Return what a structure has consumed this month; cancelled orders are left out."""
    month = this_month()
    return Forecast(month, tuple(consumed([structure.pk], month)))
