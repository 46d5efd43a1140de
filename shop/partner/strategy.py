"""Prices and availability: one stock record a product, no tax, stock kept in our own tables."""

from typing import Any

from oscar.apps.partner.availability import Available, Unavailable
from oscar.apps.partner.strategy import NoTax, Structured, UseFirstStockRecord


class SolidarityStrategy(UseFirstStockRecord, NoTax, Structured):
    """Solidarity prices carry no VAT (a setting of the invoice); stock is never Oscar's.

    `shop.recharges` counts codes and enforces them when an order is placed; a second count in
    Oscar's stock record could only disagree with it.
    """

    def fetch_for_line(self, line: Any, stockrecord: Any = None) -> Any:
        """Price a basket line by the stock record that it carries: no query a line."""
        return self.fetch_for_product(line.product, stockrecord or line.stockrecord)

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
