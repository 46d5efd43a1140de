"""Keeping the catalogue: products, their order, their prices. Each change leaves its trace."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from oscar.core.loading import get_model
from wagtail.images.models import Image

from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError
from portal.ui.forms import french_date
from shop.products.models import ProductPrice, ProductTerms

Partner = get_model("partner", "Partner")
StockRecord = get_model("partner", "StockRecord")
Product = get_model("catalogue", "Product")
ProductClass = get_model("catalogue", "ProductClass")
OrderLine = get_model("order", "Line")

UPC_LENGTH = 60
#: What a form may set; the rest of a product never changes by hand.
TERMS = frozenset(
    {
        *("kind", "summary", "validity", "illustration", "quota_only"),
        *("order_limit", "code_pattern", "alert_threshold", "data_go"),
    }
)


class ProductRefused(DomainError):
    """The catalogue cannot be changed that way; the message says why."""

    default_code = "product_refused"


class PriceRefused(DomainError):
    """The price cannot be set or removed; the message says why."""

    default_code = "price_refused"


def supplier_and_class() -> tuple[Any, Any]:
    """Return what Oscar asks of each product: a supplier, and a class that it never counts."""
    supplier, _ = Partner.objects.get_or_create(code="sfr", defaults={"name": "SFR"})
    product_class, _ = ProductClass.objects.get_or_create(
        slug="solidaire",
        defaults={"name": "Offre solidaire", "track_stock": False, "requires_shipping": False},
    )
    return supplier, product_class


@transaction.atomic
def create_product(
    *,
    by: User | None,
    title: str,
    price: Decimal,
    starts_on: dt.date,
    terms: Mapping[str, Any],
    upc: str = "",
) -> Any:
    """Add a product at the end of the catalogue, not published yet.

    Args:
        by: the référent; none for the first catalogue.
        title: its name on cards and orders.
        price: euros.
        starts_on: the first day of that price.
        terms: fields of `ProductTerms`, among `TERMS`.
        upc: the name that files use; made from the title by default, and kept for ever.
    """
    supplier, product_class = supplier_and_class()
    upc = upc or _free_upc(title)
    product = Product.objects.create(
        upc=upc, title=title, slug=upc, product_class=product_class, is_public=False
    )
    # Oscar's basket wants a stock record; the price is `ProductPrice`'s.
    StockRecord.objects.create(product=product, partner=supplier, partner_sku=upc)
    ProductPrice.objects.create(product=product, price=price, starts_on=starts_on)
    last = ProductTerms.objects.aggregate(last=Max("position"))["last"] or 0
    ProductTerms.objects.create(product=product, position=last + 1, **terms)
    record(by=by, action="products.created", target=product, upc=upc, price=str(price))
    return product


def _free_upc(title: str) -> str:
    base = slugify(title)[:UPC_LENGTH].strip("-") or "produit"
    taken = set(Product.objects.filter(upc__startswith=base).values_list("upc", flat=True))
    number = 1
    upc = base
    while upc in taken:
        number += 1
        upc = f"{base}-{number}"
    return upc


@transaction.atomic
def change_product(*, by: User, product: Any, title: str, terms: Mapping[str, Any]) -> list[str]:
    """Change what a product says and allows; return the names of what changed.

    Raises:
        ProductRefused: its kind would change although numbers or orders exist.
    """
    row = ProductTerms.objects.select_for_update(of=("self",)).get(pk=product.pk)
    changed = {name: value for name, value in terms.items() if getattr(row, name) != value}
    if "kind" in changed and kind_is_settled(product):
        raise ProductRefused(
            "La nature de ce produit ne peut plus changer\u00a0: des numéros ou des commandes "
            "existent. Créez un autre produit, puis retirez celui-ci."
        )
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(update_fields=list(changed))
    if product.title != title:
        product.title = title
        product.save(update_fields=["title"])
        changed["title"] = title
    if changed:
        record(by=by, action="products.changed", target=product, fields=sorted(changed))
    return sorted(changed)


def kind_is_settled(product: Any) -> bool:
    """Tell whether numbers or orders depend on what the product is."""
    return bool(product.codes.exists() or OrderLine.objects.filter(product=product).exists())


@transaction.atomic
def set_picture(*, by: User, product: Any, alt: str, file: Any = None) -> None:
    """Show a picture on the card instead of the drawing, or say better what it shows.

    Args:
        by: the référent.
        product: Oscar's product.
        alt: words for who does not see it; never empty.
        file: a picture that Wagtail's form field has accepted; the present one by default.
    """
    change: dict[str, Any] = {"image_alt": alt}
    if file:
        image = Image(title=product.title, description=alt, file=file, uploaded_by_user=by)
        image.save()
        change["image"] = image
    ProductTerms.objects.filter(pk=product.pk).update(**change)
    record(by=by, action="products.changed", target=product, fields=sorted(change))


@transaction.atomic
def remove_picture(*, by: User, product: Any) -> None:
    """Show the drawing again; the picture stays among Wagtail's."""
    ProductTerms.objects.filter(pk=product.pk).update(image=None, image_alt="")
    record(by=by, action="products.changed", target=product, fields=["image", "image_alt"])


@transaction.atomic
def publish(*, by: User | None, product: Any) -> None:
    """Offer a product.

    Raises:
        ProductRefused: it has no price yet.
    """
    if not product.prices.exists():
        raise ProductRefused("Donnez d’abord un prix à ce produit.")
    Product.objects.filter(pk=product.pk).update(is_public=True)
    ProductTerms.objects.filter(pk=product.pk).update(retired_at=None)
    record(by=by, action="products.published", target=product)


@transaction.atomic
def retire(*, by: User, product: Any) -> None:
    """Offer a product no more; orders, numbers and quotas keep it for ever."""
    Product.objects.filter(pk=product.pk).update(is_public=False)
    ProductTerms.objects.filter(pk=product.pk).update(retired_at=timezone.now())
    record(by=by, action="products.retired", target=product)


@transaction.atomic
def move(*, by: User, product: Any, up: bool) -> None:
    """Exchange a product with its neighbour; the first goes no higher, the last no lower."""
    rows = list(ProductTerms.objects.select_for_update(of=("self",)).order_by("position", "pk"))
    keys = [row.pk for row in rows]
    here = keys.index(product.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for position, row in enumerate(rows, start=1):
        row.position = position
    ProductTerms.objects.bulk_update(rows, ["position"])
    record(by=by, action="products.moved", target=product, position=there + 1)


@transaction.atomic
def set_price(*, by: User, product: Any, price: Decimal, starts_on: dt.date) -> ProductPrice:
    """Price a product from a day on; a price of that very day that nobody paid yet is replaced.

    Raises:
        PriceRefused: the day is over, or orders were placed at that day's price.
    """
    if starts_on < timezone.localdate():
        raise PriceRefused("Ce jour est passé\u00a0: choisissez aujourd’hui ou un jour à venir.")
    ProductTerms.objects.select_for_update(of=("self",)).get(pk=product.pk)
    row = ProductPrice.objects.filter(product=product, starts_on=starts_on).first()
    if row is None:
        row = ProductPrice(product=product, starts_on=starts_on)
    elif is_settled(row):
        raise PriceRefused(_SETTLED)
    row.price = price
    row.save()
    day = starts_on.isoformat()
    record(by=by, action="products.priced", target=product, price=str(price), starts_on=day)
    return row


_SETTLED = (
    "Ce prix a déjà servi\u00a0: il reste dans l’historique. Fixez un nouveau prix à partir de "
    "demain."
)


def is_settled(row: ProductPrice) -> bool:
    """Tell whether a price is history: its day is over, or something was ordered that day."""
    today = timezone.localdate()
    if row.starts_on != today:
        return row.starts_on < today
    ordered = OrderLine.objects.filter(product=row.product_id, order__date_placed__date=today)
    return bool(ordered.exists())


@transaction.atomic
def remove_price(*, by: User, row: ProductPrice) -> None:
    """Give up a price that is still to come.

    Raises:
        PriceRefused: its day has come.
    """
    if row.starts_on <= timezone.localdate():
        raise PriceRefused(
            f"Ce prix est en vigueur depuis le {french_date(row.starts_on)}\u00a0: il ne se retire "
            "plus. Fixez un nouveau prix."
        )
    record(
        by=by,
        action="products.price_removed",
        target=row.product,
        price=str(row.price),
        starts_on=row.starts_on.isoformat(),
    )
    row.delete()
