"""Placing an order: Oscar's rows, our number, and none of its counters."""

from typing import Any

from django.db import connection
from oscar.apps.order import utils


class OrderNumberGenerator(utils.OrderNumberGenerator):
    """Numbers from a sequence of ours: Oscar's tell the basket, and can be guessed from it.

    A sequence never waits for another order; a refused order leaves a gap, which an order's
    number (unlike an invoice's) may have.
    """

    def order_number(self, basket: Any = None) -> str:
        """Return the next number."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('ordering_order_number')")
            return str(cursor.fetchone()[0])


class OrderCreator(utils.OrderCreator):
    """Writes order, lines, prices and discounts; stock and limits are enforced by our services."""

    def record_discount(self, discount: Any) -> None:
        """Count nothing on the offer.

        Oscar adds to a counter on the one offer row: it loses updates, and every order of every
        structure would wait for that row. The ledger has the figures.
        """

    def update_stock_records(self, line: Any) -> None:
        """Allocate nothing: ``StockRecord.allocate`` does not check; codes are claimed instead."""

    def create_line_attributes(self, order: Any, order_line: Any, basket_line: Any) -> None:
        """Copy no options: the catalogue has none."""
