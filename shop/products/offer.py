"""What the shop has on offer, told to those who are not partners yet."""

from decimal import Decimal

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
        .order_by("terms__position", "pk")
        .values_list("upc", "title", ANNOTATION)
    )
    return [OfferedProduct(upc, title, price or Decimal(0)) for upc, title, price in found]
