"""The basket of a member: one open at a time for each of their structures."""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL
from oscar.core.loading import get_model

from portal.structures.models import Membership
from portal.ui.errors import DomainError
from shop.ordering.models import StructureBasket
from shop.partner.strategy import SolidarityStrategy
from shop.products.prices import in_force
from shop.quotas.split import Wanted

Basket = get_model("basket", "Basket")
Line = get_model("basket", "Line")
Product = get_model("catalogue", "Product")

_COUNT = """
SELECT COALESCE(SUM(line.quantity), 0)
FROM ordering_structurebasket AS context
JOIN basket_line AS line ON line.basket_id = context.basket_id
WHERE context.owner_id = {owner} AND context.structure_id = {structure} AND context.is_open
"""
_COUNT_ONE = _COUNT.format(owner="%s", structure="%s")
_COUNT_EACH = _COUNT.format(
    owner='"structures_membership"."user_id"',
    structure='"structures_membership"."structure_id"',
)


class UnknownProduct(DomainError):
    """The product is not on sale."""

    default_code = "unknown_product"
    default_message = (
        "Ce produit n’est plus proposé. Revenez à l’offre solidaire pour en choisir un autre."
    )


class BadQuantity(DomainError):
    """The quantity is not one that the product allows."""

    default_code = "bad_quantity"


def find_open(membership: Membership) -> StructureBasket | None:
    """Return the member's open basket, if they have one."""
    return (
        StructureBasket.objects.filter(
            owner=membership.user_id, structure=membership.structure_id, is_open=True
        )
        .select_related("basket")
        .first()
    )


def get_or_open(membership: Membership) -> StructureBasket:
    """Return the member's open basket, opening one where there is none.

    Two tabs may ask at once: the partial unique constraint lets one of them win, the other
    reads the winner's.
    """
    found = find_open(membership)
    if found:
        return found
    try:
        with transaction.atomic():
            basket = Basket.objects.create(owner_id=membership.user_id)
            return StructureBasket.objects.create(
                basket=basket, owner_id=membership.user_id, structure_id=membership.structure_id
            )
    except IntegrityError:
        return StructureBasket.objects.select_related("basket").get(
            owner=membership.user_id, structure=membership.structure_id, is_open=True
        )


def count_items(membership: Membership) -> int:
    """Return the number of articles in the member's open basket, in one query.

    Every page shows it. It is written in SQL because the ORM takes ten times longer to build this
    statement than it takes to run.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ONE, [membership.user_id, membership.structure_id])
        total: int = cursor.fetchone()[0]
    return total


def with_items(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Return the memberships, each with the articles in its open basket as ``basket_items``."""
    count = RawSQL(_COUNT_EACH, [], output_field=IntegerField())  # noqa: S611  (no value in it)
    return memberships.annotate(basket_items=count)


def wanted_lines(basket: Any) -> list[Wanted]:
    """Return the basket's lines at today's prices, in one query.

    The lines stay on the basket (Oscar keeps them there for its offers), with all that an order
    reads of them: `AbstractBasket.all_lines` would ask for options and pictures too.
    """
    basket.strategy = SolidarityStrategy(None)
    basket._lines = (
        basket.lines.select_related(
            "product__terms", "product__product_class", "stockrecord__partner"
        )
        .annotate(price_now=in_force("product"))
        .order_by("pk")
    )
    return [
        Wanted(
            line_id=line.pk,
            product_id=line.product_id,
            upc=line.product.upc,
            title=line.product.title,
            quantity=line.quantity,
            unit_price=line.unit_price_incl_tax or Decimal("0.00"),
            kind=line.product.terms.kind,
            quota_only=line.product.terms.quota_only,
            order_limit=line.product.terms.order_limit,
            on_sale=line.product.is_public and line.unit_price_incl_tax is not None,
        )
        for line in basket.all_lines()
    ]


def _check_quantity(quantity: int, product: Any) -> None:
    limit = product.terms.order_limit
    if not 1 <= quantity <= limit:
        raise BadQuantity(
            f"«\u00a0{product.title}\u00a0»\u00a0: choisissez une quantité de 1 à {limit}."
        )


@transaction.atomic
def add(*, by: Membership, upc: str, quantity: int) -> Any:
    """Put ``quantity`` more units of a product into the member's basket; return the product.

    Raises:
        UnknownProduct: nothing on sale has that ``upc``.
        BadQuantity: below 1, or the line would exceed the product's limit per order.
    """
    on_sale = Product.objects.annotate(price_now=in_force()).filter(
        is_public=True, terms__isnull=False, price_now__isnull=False
    )
    # A NUL, which no form of ours sends, is more than PostgreSQL can compare.
    product = on_sale.filter(upc=upc.replace("\0", "")).select_related("terms").first()
    if product is None or product.upc != upc:
        raise UnknownProduct
    _check_quantity(quantity, product)
    basket = _lock(get_or_open(by))
    basket.strategy = SolidarityStrategy(None)
    line, created = basket.add_product(product, quantity)
    if not created:
        _check_quantity(line.quantity, product)
    return product


@transaction.atomic
def change(*, by: Membership, line_id: int, quantity: int) -> None:
    """Set the quantity of a line of the member's basket; 0 removes it.

    Raises:
        BadQuantity: not from 0 to the product's limit per order.
        UnknownProduct: the line is not in the basket any more.
    """
    context = find_open(by)
    line = (
        _lock(context).lines.filter(pk=line_id).select_related("product__terms").first()
        if context
        else None
    )
    if line is None:
        raise UnknownProduct("Cette ligne n’est plus dans votre panier.")
    if quantity == 0:
        line.delete()
        return
    _check_quantity(quantity, line.product)
    line.quantity = quantity
    line.save()


@transaction.atomic
def empty(*, by: Membership) -> None:
    """Remove every line of the member's basket."""
    context = find_open(by)
    if context:
        _lock(context).flush()


def _lock(context: StructureBasket) -> Any:
    """Return the basket, held: a confirmation in another tab waits, or has closed it already."""
    row = StructureBasket.objects.select_for_update(of=("self",)).get(pk=context.pk)
    if not row.is_open:
        raise UnknownProduct(
            "Ce panier vient d’être validé. Retrouvez la commande dans «\u00a0Mon compte\u00a0»."
        )
    return context.basket
