"""How a basket divides into free and paid: the one computation behind screen, order and ledger."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Wanted:
    """One line of a basket: ``quantity`` units of a product at ``unit_price`` euros."""

    line_id: int
    product_id: int
    upc: str
    title: str
    quantity: int
    unit_price: Decimal
    kind: str
    quota_only: bool
    order_limit: int
    on_sale: bool = True


@dataclass(frozen=True)
class Pool:
    """A quota as it can be drawn on: units left, and the Oscar offer that shows them.

    ``offer_id`` is none for an amendment's quota, which the one generic offer shows.
    """

    quota_id: int
    left: int
    offer_id: int | None = None


@dataclass(frozen=True)
class Draw:
    """Free units that a line takes from one quota."""

    quota_id: int
    offer_id: int | None
    units: int


@dataclass(frozen=True)
class SplitLine:
    """A line and the quotas that cover some of its units."""

    wanted: Wanted
    draws: tuple[Draw, ...]

    @property
    def free(self) -> int:
        """Units that cost nothing."""
        return sum(draw.units for draw in self.draws)

    @property
    def by_offer(self) -> dict[int | None, int]:
        """Free units by the offer that pays for them."""
        units: dict[int | None, int] = defaultdict(int)
        for draw in self.draws:
            units[draw.offer_id] += draw.units
        return dict(units)

    def value_by(self, offer_id: int | None) -> Decimal:
        """Return what the units of one offer would have cost, in euros."""
        return self.by_offer.get(offer_id, 0) * self.wanted.unit_price

    @property
    def paid(self) -> int:
        """Units at the solidarity price."""
        return self.wanted.quantity - self.free

    @property
    def due(self) -> Decimal:
        """What the line adds to the bill, in euros."""
        return self.paid * self.wanted.unit_price

    @property
    def free_value(self) -> Decimal:
        """What the free units would have cost, in euros."""
        return self.free * self.wanted.unit_price

    @property
    def beyond_quota(self) -> int:
        """Units that may not be ordered, because the product exists on a free quota only."""
        return self.paid if self.wanted.quota_only else 0


@dataclass(frozen=True)
class Split:
    """A whole basket, divided."""

    lines: tuple[SplitLine, ...]

    @property
    def due(self) -> Decimal:
        """What will be billed, in euros."""
        return sum((line.due for line in self.lines), Decimal("0.00"))

    @property
    def free_value(self) -> Decimal:
        """What the quotas save, in euros."""
        return sum((line.free_value for line in self.lines), Decimal("0.00"))

    @property
    def free_units(self) -> int:
        """Articles that cost nothing."""
        return sum(line.free for line in self.lines)

    @property
    def units(self) -> int:
        """Articles in all."""
        return sum(line.wanted.quantity for line in self.lines)

    @property
    def offers(self) -> set[int | None]:
        """The offers that pay for some unit with a price."""
        return {offer_id for line in self.lines if line.free_value for offer_id in line.by_offer}

    @property
    def obstacles(self) -> list[str]:
        """Sentences that say why this basket cannot be ordered as it is; none where it can."""
        return [sentence for line in self.lines for sentence in _obstacles(line)]

    @property
    def digest(self) -> str:
        """What the buyer saw, in 32 characters.

        It goes out with the page and comes back with the confirmation: nobody is charged what
        they did not see. It covers every quantity, free unit and price.
        """
        seen = "|".join(
            f"{line.wanted.product_id}:{line.wanted.quantity}:{line.free}:{line.wanted.unit_price}"
            for line in sorted(self.lines, key=lambda line: line.wanted.product_id)
        )
        return hashlib.sha256(seen.encode()).hexdigest()[:32]

    def by_line(self) -> dict[int, SplitLine]:
        """Return the lines by basket line."""
        return {line.wanted.line_id: line for line in self.lines}


def _obstacles(line: SplitLine) -> Iterable[str]:
    wanted = line.wanted
    if not wanted.on_sale:
        yield f"«\u00a0{wanted.title}\u00a0» n’est plus proposé. Retirez-le du panier."
    elif wanted.quantity > wanted.order_limit:
        yield (
            f"«\u00a0{wanted.title}\u00a0»\u00a0: {wanted.order_limit} au plus par commande. "
            "Réduisez la quantité."
        )
    elif line.beyond_quota:
        left = (
            f"il vous en reste {line.free}. Réduisez la quantité."
            if line.free
            else "votre structure n’en a plus. Retirez-le du panier."
        )
        yield (f"«\u00a0{wanted.title}\u00a0» n’existe que dans la dotation gratuite\u00a0: {left}")


def split(wanted: Iterable[Wanted], pools: Mapping[int, Sequence[Pool]]) -> Split:
    """Divide lines into free and paid units.

    Args:
        wanted: lines in the basket's order; two lines of one product share its quotas.
        pools: by product id, in the order in which they are drawn on.
    """
    taken: dict[int, int] = defaultdict(int)
    lines = []
    for one in wanted:
        draws = []
        rest = one.quantity
        for pool in pools.get(one.product_id, ()):
            units = min(rest, pool.left - taken[pool.quota_id])
            if units > 0:
                draws.append(Draw(pool.quota_id, pool.offer_id, units))
                taken[pool.quota_id] += units
                rest -= units
        lines.append(SplitLine(one, tuple(draws)))
    return Split(tuple(lines))
