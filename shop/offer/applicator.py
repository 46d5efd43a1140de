"""Which offers apply to a basket: the free quotas of the structure it belongs to, and no other."""

from typing import Any

from django.db.models import Q
from oscar.apps.offer import applicator
from oscar.core.loading import get_model

from shop.quotas import OFFER_NAME


class Applicator(applicator.Applicator):
    """Skips Oscar's site, voucher and session offers: one query instead of four."""

    def get_offers(self, basket: Any, user: Any = None, request: Any = None) -> list[Any]:
        """Return the offers that pay for the free units of the basket's split.

        Whether a quota is open is the ledger's to say: Oscar's own dates and statuses are not
        asked, so they cannot disagree.
        """
        split = getattr(basket, "split", None)
        wanted = split.offers if split else set()
        if not wanted:
            return []
        named = Q(pk__in=wanted - {None}) | (Q(name=OFFER_NAME) if None in wanted else Q())
        offers = get_model("offer", "ConditionalOffer").objects.filter(named)
        return list(offers.select_related("condition", "benefit").order_by("pk"))
