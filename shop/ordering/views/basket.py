"""PANIER and the confirmation: what is free, what is billed, one click to the numbers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from portal.structures.access import member_of, member_required
from portal.structures.services import Obstacle, OrderingClosed, ordering_obstacles
from portal.ui.errors import DomainError
from shop.ordering import baskets
from shop.ordering.services import (
    BasketChanged,
    UnknownBasket,
    cards_in,
    place_order,
    preview,
)
from shop.recharges.services import OutOfStock
from shop.sims.addresses import destination

REFUSED = "La commande n’a pas été passée"


def _show(
    request: HttpRequest,
    *,
    error: DomainError | None = None,
    title: str = "",
    status: int = 200,
    template: str = "shop/basket.html",
) -> HttpResponse:
    membership = member_of(request)
    context = baskets.find_open(membership)
    parts = preview(membership, context)
    where = destination(membership.structure) if cards_in(parts) else None
    nowhere = [where.obstacle] if where and where.obstacle else []
    refusals = [Obstacle(text) for text in (*parts.obstacles, *nowhere)]
    return render(
        request,
        template,
        {
            "split": parts,
            "key": context.key if context else "",
            "obstacles": [*ordering_obstacles(membership), *refusals],
            "destination": where,
            "chosen": request.POST.get("address", ""),
            "refused": error.message if error else "",
            "refused_title": title,
            "changed": isinstance(error, BasketChanged),
        },
        status=status,
    )


@require_safe
@never_cache
@member_required
def basket(request: HttpRequest) -> HttpResponse:
    """Show the basket, divided into free and paid."""
    return _show(request)


def _quantity(request: HttpRequest) -> int:
    """Return the quantity as typed.

    Raises:
        BadQuantity: it is no whole number.
    """
    typed = request.POST.get("quantity", "1").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 6):
        raise baskets.BadQuantity("La quantité doit être un nombre entier, par exemple 2.")
    return int(typed)


@require_POST
@member_required
def add(request: HttpRequest) -> HttpResponse:
    """Add to the basket, then go back to the shop: more can be added, or the basket opened.

    With htmx the person stays where they are on the page.
    """
    try:
        quantity = _quantity(request)
        product = baskets.add(
            by=member_of(request), upc=request.POST.get("product", ""), quantity=quantity
        )
    except DomainError as error:
        messages.error(request, error.message)
        return _to_catalogue(request)
    done = f"Ajouté au panier\u00a0: {quantity}\u00a0×\u00a0{product.title}."
    if _is_htmx(request):
        return render(request, "shop/added.html", {"text": done})
    messages.success(request, done)
    return _to_catalogue(request)


def _is_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


def _to_catalogue(request: HttpRequest) -> HttpResponse:
    if _is_htmx(request):
        return HttpResponseClientRedirect(reverse("shop:catalogue"))
    return redirect("shop:catalogue")


@require_POST
@member_required
def change(request: HttpRequest) -> HttpResponse:
    """Set the quantity of a line, or remove it with 0."""
    line = request.POST.get("line", "")
    refusal = None
    try:
        if not (line.isascii() and line.isdigit() and len(line) < 19):
            raise baskets.UnknownProduct("Cette ligne n’est plus dans votre panier.")
        baskets.change(by=member_of(request), line_id=int(line), quantity=_quantity(request))
    except DomainError as error:
        refusal = error
    if _is_htmx(request):
        return _show(request, error=refusal, template="shop/basket_swap.html")
    if refusal:
        messages.error(request, refusal.message)
    return redirect("shop:basket")


@require_POST
@member_required
def empty(request: HttpRequest) -> HttpResponse:
    """Remove everything."""
    baskets.empty(by=member_of(request))
    return redirect("shop:basket")


def _key(request: HttpRequest) -> UUID:
    """Return the basket's key.

    Raises:
        UnknownBasket: it is no key at all.
    """
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise UnknownBasket from error


@never_cache
@member_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Place the order; a repeat of the same form leads to the same order.

    A GET (someone reloads or types the address) goes to the basket: nothing to confirm there.
    """
    if request.method != "POST":
        return redirect("shop:basket")
    try:
        placed = place_order(
            by=member_of(request),
            key=_key(request),
            seen=request.POST.get("seen", ""),
            address=request.POST.get("address", ""),
            numbers_hidden=bool(request.POST.get("hidden")),
        )
    except BasketChanged as error:
        return _show(request, error=error, title="Le total a changé", status=409)
    except (UnknownBasket, OutOfStock, OrderingClosed) as error:
        return _show(request, error=error, title=REFUSED, status=409)
    except DomainError as error:
        return _show(request, error=error, title=REFUSED, status=422)
    return redirect("shop:order", uuid=placed.uuid)
