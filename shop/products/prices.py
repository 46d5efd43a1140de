"""The price of a product on a day: the latest that has begun."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from shop.products.models import ProductPrice

#: The attribute that a query of ours annotates a product or a basket line with.
ANNOTATION = "price_now"


def _begun(day: dt.date | None = None) -> QuerySet[ProductPrice]:
    begun = ProductPrice.objects.filter(starts_on__lte=day or timezone.localdate())
    return begun.order_by("-starts_on")


def in_force(product: str = "pk") -> Subquery:
    """Return an expression: today's price in euros; null where the product has none yet.

    Args:
        product: where the annotated rows name their product.
    """
    return Subquery(_begun().filter(product=OuterRef(product)).values("price")[:1])


def coming(field: str, product: str = "pk") -> Subquery:
    """Return an expression: ``price`` or ``starts_on`` of the next price; null where none is set.

    Args:
        field: of `ProductPrice`.
        product: where the annotated rows name their product.
    """
    later = ProductPrice.objects.filter(
        product=OuterRef(product), starts_on__gt=timezone.localdate()
    )
    return Subquery(later.order_by("starts_on").values(field)[:1])


def price_of(product: Any, *, on: dt.date | None = None) -> Decimal | None:
    """Return the price of one product that day, in euros; none before its first.

    What a query has annotated is not asked again.
    """
    if on is None and ANNOTATION in vars(product):
        known: Decimal | None = vars(product)[ANNOTATION]
        return known
    return _begun(on).filter(product=product).values_list("price", flat=True).first()
