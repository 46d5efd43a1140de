"""A bill added up by who ordered, or by product: an issued one, or that of the month so far."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar


class Charged(Protocol):
    """Units of one order's line, all paid or all free: consumed, or on an invoice."""

    @property
    def member(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def is_free(self) -> bool: ...
    @property
    def total(self) -> Decimal: ...


Row = TypeVar("Row", bound=Charged)


@dataclass(frozen=True)
class Part:
    """What one member, or one product, adds to the bill.

    Attributes:
        paid: units.
        free: units.
        total: in euros.
    """

    name: str
    paid: int
    free: int
    total: Decimal


def by_member(rows: Iterable[Row]) -> list[Part]:
    """Return what each person ordered, in the order of their names."""
    return _parts(rows, lambda row: row.member)


def by_product(rows: Iterable[Row]) -> list[Part]:
    """Return what was ordered of each product, in the order of their names."""
    return _parts(rows, lambda row: row.title)


def whole(rows: Iterable[Row]) -> Part:
    """Return everything as one part without a name."""
    return _part("", list(rows))


def _parts(rows: Iterable[Row], name: Callable[[Row], str]) -> list[Part]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[name(row)].append(row)
    return [_part(key, mine) for key, mine in sorted(found.items())]


def _part(name: str, rows: list[Row]) -> Part:
    return Part(
        name,
        paid=sum(row.quantity for row in rows if not row.is_free),
        free=sum(row.quantity for row in rows if row.is_free),
        total=sum((row.total for row in rows), Decimal("0.00")),
    )
