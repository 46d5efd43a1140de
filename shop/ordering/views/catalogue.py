"""OFFRE SOLIDAIRE: the products, with what is free for this structure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from oscar.core.loading import get_model

from portal.structures.access import member_required
from portal.structures.services import ordering_obstacles
from shop.products.models import ProductTerms
from shop.products.prices import in_force
from shop.quotas.models import FreeQuota
from shop.quotas.services import open_quotas
from shop.recharges.services import next_code

Product = get_model("catalogue", "Product")


@dataclass(frozen=True)
class Offer:
    """A product as its card shows it."""

    product: Any
    price: Decimal
    free_left: int
    free_until: Any
    in_stock: bool

    @property
    def free_badge(self) -> str:
        """The words of the yellow badge; empty where nothing is free."""
        if not self.free_left:
            return ""
        return f"Gratuit\u00a0: il vous en reste {self.free_left}"

    @property
    def can_order(self) -> bool:
        """Whether one unit could be ordered now."""
        return self.in_stock and (self.free_left > 0 or not self.product.terms.quota_only)

    @property
    def unavailable(self) -> str:
        """Why the card has no button, in a sentence."""
        if not self.in_stock:
            return "En rupture de stock pour le moment."
        return "Dans la dotation gratuite seulement\u00a0: votre structure n’en a plus."

    @property
    def most(self) -> int:
        """The highest quantity the card offers."""
        limit: int = self.product.terms.order_limit
        return min(limit, self.free_left) if self.product.terms.quota_only else limit


def offers(quotas: list[FreeQuota]) -> list[Offer]:
    """Return what is on sale, in the référent's order, in one query."""
    products = (
        Product.objects.annotate(price_now=in_force(), next_code=next_code())
        .filter(is_public=True, terms__isnull=False, price_now__isnull=False)
        .select_related("terms")
        .order_by("terms__position", "pk")
    )
    return [_offer(product, quotas) for product in products]


def _offer(product: Any, quotas: list[FreeQuota]) -> Offer:
    mine = [quota for quota in quotas if quota.product_id == product.pk and quota.left]
    return Offer(
        product=product,
        price=product.price_now,
        free_left=sum(quota.left for quota in mine),
        free_until=mine[-1].ends_on if mine else None,
        in_stock=bool(product.next_code) or product.terms.kind == ProductTerms.Kind.SIM,
    )


@require_safe
@never_cache
@member_required
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show the six products and what is left of the free quota."""
    structure = request.membership.structure  # type: ignore[attr-defined]
    return render(
        request,
        "shop/catalogue.html",
        {
            "offers": offers(open_quotas(structure)),
            "obstacles": ordering_obstacles(structure),
        },
    )
