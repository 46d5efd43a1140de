"""What is on offer, for those who do not know the shop: future partners, and whoever advises."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class OfferedProduct:
    """A product on offer.

    Attributes:
        upc: the name that files and forms use.
        title: as cards show it.
        price: euros, 0 where it is only ever given.
        data_go: internet that it holds, in Go; none where it is not made for that.
        most: units that one order may hold; 0 where it is only ever given.
        basket_path: where a member's form (``product``, ``quantity``) puts it into the basket;
            empty where it is only ever given.
    """

    upc: str
    title: str
    price: Decimal
    data_go: Decimal | None = None
    most: int = 0
    basket_path: str = ""


Provider = Callable[[], Sequence[OfferedProduct]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Keep who tells what is on offer; the shop does so when Django starts."""
    _providers.append(provider)
    return provider


def offered() -> list[OfferedProduct]:
    """Return what is on offer today, in the catalogue's order."""
    return [product for provider in _providers for product in provider()]
