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
        """Tell whether the basket's split has a free unit with a price, of this offer."""
        return any(line.value_by(_key(offer)) for line in basket.split.lines)

    def consume_items(self, offer: Any, basket: Any, affected_lines: Any) -> None:
        """Consume nothing: the benefit marks the units it makes free."""


class FreeQuotaBenefit(Benefit):  # type: ignore[misc, valid-type]
    """Makes free the units of the split that its offer pays for."""

    class Meta:
        app_label = "quotas"
        proxy = True
        default_permissions = ()

    @property
    def name(self) -> str:
        """Words for Oscar's reports."""
        return OFFER_NAME

    def apply(self, basket: Any, condition: Any, offer: Any, **kwargs: Any) -> Any:
        """Discount each line by the free units of this offer, once."""
        parts, key = basket.split.by_line(), _key(offer)
        total = Decimal("0.00")
        for line in basket.all_lines():
            value = parts[line.pk].value_by(key)
            if value and not line.has_offer_discount(offer):
                units = parts[line.pk].by_offer[key]
                line.discount(value, units, incl_tax=True, offer=offer)
                total += value
        return BasketDiscount(total) if total else ZERO_DISCOUNT


def _key(offer: Any) -> int | None:
    """Return what a split names the offer by: nothing, for the one that amendments share."""
    return None if offer.name == OFFER_NAME else offer.pk
