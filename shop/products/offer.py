"""What the shop has on offer, told to those who do not know it."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from oscar.core.loading import get_model

from portal.structures.offer import OfferedProduct, register
from shop.products.prices import ANNOTATION, in_force


@register
def products() -> list[OfferedProduct]:
    """Return the products on sale today, in one query."""
    found = (
        get_model("catalogue", "Product")
        .objects.filter(is_public=True, terms__isnull=False)
        .annotate(**{ANNOTATION: in_force()})
        .select_related("terms")
        .order_by("terms__position", "pk")
    )
    return [_offered(product) for product in found]


def _offered(product: Any) -> OfferedProduct:
    terms, price = product.terms, product.price_now
    sold = price is not None and not terms.quota_only
    return OfferedProduct(
        upc=product.upc,
        title=product.title,
        price=price or Decimal(0),
        data_go=terms.data_go,
        most=terms.order_limit if sold else 0,
        basket_path=reverse("shop:add") if sold else "",
    )
