"""What a future partner may ask for, without knowing the shop that offers it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class OfferedProduct:
    """A product on offer; ``price`` in euros, 0 where it is only ever given."""

    upc: str
    title: str
    price: Decimal


Provider = Callable[[], Sequence[OfferedProduct]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Keep who tells what is on offer; the shop does so when Django starts."""
    _providers.append(provider)
    return provider


def offered() -> list[OfferedProduct]:
    """Return what is on offer today, in the catalogue's order."""
    return [product for provider in _providers for product in provider()]
