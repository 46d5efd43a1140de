"""OFFRE SOLIDAIRE: the products, with what is free for this structure."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from oscar.core.loading import get_model
from wagtail.images.models import Rendition

from portal.structures.access import member_of, member_required
from portal.structures.services import ordering_obstacles
from portal.ui.forms import french_date
from portal.ui.text import format_euros
from shop.products.models import MOST_PER_ORDER, ProductTerms
from shop.products.prices import coming, in_force
from shop.quotas.models import FreeQuota
from shop.quotas.services import open_quotas
from shop.recharges.models import RechargeCode

Product = get_model("catalogue", "Product")

#: How a product's picture is cut; Wagtail makes it once.
PICTURE = "fill-480x320"


@dataclass(frozen=True)
class Offer:
    """A product as its card shows it; ``stock`` is the units left, up to `MOST_PER_ORDER`."""

    product: Any
    free_left: int
    free_until: list[tuple[dt.date, int]]
    stock: int
    picture: Rendition | None

    @property
    def free_badge(self) -> str:
        """The words of the yellow badge; empty where nothing is free."""
        if not self.free_left:
            return ""
        return f"Gratuit\u00a0: il vous en reste {self.free_left}"

    @property
    def free_terms(self) -> str:
        """Until when, and what comes after; the quotas that end first are named first."""
        if not self.free_until:
            return ""
        (last, _), several = self.free_until[-1], len(self.free_until) > 1
        ends = [f"{units} jusqu’au {french_date(day)}" for day, units in self.free_until]
        until = f"dont {', '.join(ends)}" if several else f"jusqu’au {french_date(last)}"
        then = "indisponible" if self.product.terms.quota_only else "au prix solidaire"
        return f"Gratuit {until}, puis {then}."

    @property
    def next_price(self) -> str:
        """The price to come and its day; empty where none is set."""
        if self.product.next_from is None:
            return ""
        day = french_date(self.product.next_from)
        return f"{format_euros(self.product.next_price)} à partir du {day}"

    @property
    def can_order(self) -> bool:
        """Whether one unit could be ordered now."""
        return self.most > 0

    @property
    def scarce(self) -> str:
        """What is left, where an order could meet the end of it."""
        limit: int = self.product.terms.order_limit
        return f"Plus que {self.stock} en stock" if 0 < self.stock < limit else ""

    @property
    def unavailable(self) -> str:
        """Why the card has no button, in a sentence."""
        if not self.stock:
            return "En rupture de stock pour le moment."
        return "Dans la dotation gratuite seulement\u00a0: votre structure n’en a plus."

    @property
    def most(self) -> int:
        """The highest quantity the card offers."""
        limit: int = min(self.product.terms.order_limit, self.stock)
        return min(limit, self.free_left) if self.product.terms.quota_only else limit


def codes_left() -> Func:
    """Return an expression: how many codes could be given, counted up to `MOST_PER_ORDER`.

    It reads the first entries of the partial index, whatever the size of the stock. The order is
    what makes the planner use that index.
    """
    available = RechargeCode.objects.filter(
        product=OuterRef("pk"),
        state=RechargeCode.State.AVAILABLE,
        expires_on__gte=timezone.localdate(),
    )
    first = available.order_by("expires_on", "pk").values("pk")[:MOST_PER_ORDER]
    return Func(ArraySubquery(first), function="cardinality", output_field=IntegerField())


def offers(quotas: list[FreeQuota]) -> list[Offer]:
    """Return what is on sale, in the référent's order: one query, one more for pictures."""
    renditions = Rendition.objects.filter(filter_spec=PICTURE)
    products = (
        Product.objects.annotate(
            price_now=in_force(),
            next_price=coming("price"),
            next_from=coming("starts_on"),
            codes_left=codes_left(),
        )
        .filter(is_public=True, terms__isnull=False, price_now__isnull=False)
        .select_related("terms__image")
        .prefetch_related(
            Prefetch("terms__image__renditions", renditions, to_attr="prefetched_renditions")
        )
        .order_by("terms__position", "pk")
    )
    return [_offer(product, quotas) for product in products]


def _offer(product: Any, quotas: list[FreeQuota]) -> Offer:
    ends: dict[dt.date, int] = {}
    for quota in quotas:
        if quota.product_id == product.pk and quota.left:
            ends[quota.ends_on] = ends.get(quota.ends_on, 0) + quota.left
    image = product.terms.image
    # SIM cards have no numbers to run out of.
    is_sim = product.terms.kind == ProductTerms.Kind.SIM
    return Offer(
        product=product,
        free_left=sum(ends.values()),
        free_until=list(ends.items()),
        stock=MOST_PER_ORDER if is_sim else product.codes_left,
        picture=image.get_rendition(PICTURE) if image else None,
    )


@require_safe
@never_cache
@member_required
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show the products and what is left of the free quota."""
    membership = member_of(request)
    return render(
        request,
        "shop/catalogue.html",
        {
            "offers": offers(open_quotas(membership.structure)),
            "obstacles": ordering_obstacles(membership),
        },
    )
