"""Prices and availability: today's price, no tax, stock kept in our own tables."""

from decimal import Decimal
from typing import Any

from oscar.apps.partner.availability import Available, Unavailable
from oscar.apps.partner.prices import FixedPrice
from oscar.apps.partner.prices import Unavailable as NoPrice
from oscar.apps.partner.strategy import Structured, UseFirstStockRecord

from shop.products.prices import ANNOTATION, price_of


class SolidarityStrategy(UseFirstStockRecord, Structured):
    """Solidarity prices carry no VAT (a setting of the invoice); stock is never Oscar's.

    `shop.recharges` counts codes and enforces them when an order is placed; a second count in
    Oscar's stock record could only disagree with it.
    """

    def fetch_for_line(self, line: Any, stockrecord: Any = None) -> Any:
        """Price a basket line by what was read with it: no query a line."""
        if ANNOTATION in vars(line):
            setattr(line.product, ANNOTATION, vars(line)[ANNOTATION])
        return self.fetch_for_product(line.product, stockrecord or line.stockrecord)

    def pricing_policy(self, product: Any, stockrecord: Any) -> Any:
        """Give the price in force; the stock record's own is never read."""
        price = price_of(product)
        if stockrecord is None or price is None:
            return NoPrice()
        return FixedPrice(stockrecord.price_currency, price, tax=Decimal("0.00"))

    def parent_pricing_policy(self, product: Any, children_stock: Any) -> Any:
        """Give none: the catalogue has no parent products."""
        return NoPrice()

    def availability_policy(self, product: Any, stockrecord: Any) -> Any:
        """Sell what is published and priced."""
        return Available() if stockrecord and product.is_public else Unavailable()

    def parent_availability_policy(self, product: Any, children_stock: Any) -> Any:
        """Refuse parent products: the catalogue has none."""
        return Unavailable()


class Selector:
    """What Oscar asks for a strategy, wherever it does."""

    def strategy(self, request: Any = None, user: Any = None, **kwargs: Any) -> SolidarityStrategy:
        """Return the one strategy there is."""
        return SolidarityStrategy(None)
