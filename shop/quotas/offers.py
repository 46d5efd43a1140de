"""The free quota as an Oscar offer: so that basket, order and reports carry the discount.

It shows and records; it limits nothing. The limit is the ledger of `shop.quotas.services`, under
lock, because Oscar's own counters lose updates and count people instead of structures.
"""

from decimal import Decimal
from typing import Any

from oscar.apps.offer.results import ZERO_DISCOUNT, BasketDiscount
from oscar.core.loading import get_model

from shop.quotas import OFFER_NAME

Condition = get_model("offer", "Condition")
Benefit = get_model("offer", "Benefit")


class FreeQuotaCondition(Condition):  # type: ignore[misc, valid-type]
    """Holds where some unit of the basket is covered by a quota of its structure."""

    class Meta:
        app_label = "quotas"
        proxy = True
        default_permissions = ()

    @property
    def name(self) -> str:
        """Words for Oscar's reports."""
        return "Dotation en cours pour la structure"

    def is_satisfied(self, offer: Any, basket: Any) -> bool:
        """Tell whether the basket's split has a free unit with a price."""
        return bool(basket.split.free_value)

    def consume_items(self, offer: Any, basket: Any, affected_lines: Any) -> None:
        """Consume nothing: the benefit marks the units it makes free."""


class FreeQuotaBenefit(Benefit):  # type: ignore[misc, valid-type]
    """Makes the units of the split free."""

    class Meta:
        app_label = "quotas"
        proxy = True
        default_permissions = ()

    @property
    def name(self) -> str:
        """Words for Oscar's reports."""
        return OFFER_NAME

    def apply(self, basket: Any, condition: Any, offer: Any, **kwargs: Any) -> Any:
        """Discount each line by its free units, once."""
        parts = basket.split.by_line()
        total = Decimal("0.00")
        for line in basket.all_lines():
            part = parts[line.pk]
            if part.free_value and not line.has_offer_discount(offer):
                line.discount(part.free_value, part.free, incl_tax=True, offer=offer)
                total += part.free_value
        return BasketDiscount(total) if total else ZERO_DISCOUNT
