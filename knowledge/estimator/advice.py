"""Which recharge suffices, among the products on sale."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from knowledge.estimator import arithmetic
from portal.structures.offer import OfferedProduct

#: More recharges than these for one month would not be advice.
MOST_RECHARGES = 5
_NUMBERS = {2: "Deux", 3: "Trois", 4: "Quatre", 5: "Cinq"}


@dataclass(frozen=True)
class Advice:
    """So many recharges of one product; ``tight`` where the margin is not covered."""

    product: OfferedProduct
    quantity: int
    tight: bool

    @property
    def price(self) -> Decimal:
        """Return what they cost, in euros."""
        return self.product.price * self.quantity

    @property
    def sentence(self) -> str:
        """Return the advice in words, without a full stop."""
        just = " tout juste" if self.tight else ""
        if self.quantity == 1:
            return f"{self.product.title} suffit{just}"
        return f"{_NUMBERS[self.quantity]} recharges {self.product.title} suffisent{just}"


def advise(amount: int, *, highest: int, products: Iterable[OfferedProduct]) -> Advice | None:
    """Return the cheapest that suffices for a month; the fewest recharges at the same price.

    Args:
        amount: what the month takes, in grains (see `arithmetic`).
        highest: what it may take at most, in grains.
        products: on sale today; those that hold no internet are left aside.

    Returns:
        The advice; none where no product suffices, up to `MOST_RECHARGES`.
    """
    found = []
    for product in products:
        if not (product.data_go and product.basket_path):
            continue
        holds = arithmetic.grains_of(product.data_go)
        quantity = max(1, -(-amount // holds))
        if quantity <= min(MOST_RECHARGES, product.most):
            found.append(Advice(product, quantity, tight=quantity * holds < highest))
    return min(found, key=lambda one: (one.price, one.quantity), default=None)
