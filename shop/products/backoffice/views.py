"""The catalogue's list, a product's page, and what a référent does there."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oscar.core.loading import get_model
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.ui.errors import DomainError
from shop.backoffice import page, permission_required
from shop.products import services
from shop.products.backoffice.forms import NewProductForm, PriceForm, ProductForm
from shop.products.models import ProductPrice
from shop.products.prices import coming, in_force

Product = get_model("catalogue", "Product")
TITLE = "Catalogue"
ICON = "tag"


def _products() -> Any:
    return Product.objects.filter(terms__isnull=False).select_related("terms__image")


@permission_required("products.view_productterms")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    """List every product in the order of the catalogue, retired ones included."""
    products = _products().annotate(
        price_now=in_force(), next_price=coming("price"), next_from=coming("starts_on")
    )
    return page(
        request,
        "shop/admin/products.html",
        title=TITLE,
        icon=ICON,
        parents=[],
        context={"products": products.order_by("terms__position", "pk")},
    )


@permission_required("products.add_productterms")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Create a product; it is published from its own page."""
    form = NewProductForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        product = services.create_product(
            by=request.user,
            title=typed["title"],
            price=typed["price"],
            starts_on=typed["starts_on"],
            terms=form.terms(),
        )
        _picture(request, product, form)
        messages.success(request, f"«\u00a0{product.title}\u00a0» est créé. Publiez-le ici.")
        return redirect("produits:edit", product.pk)
    return page(
        request,
        "shop/admin/one_form.html",
        title="Nouveau produit",
        icon=ICON,
        parents=[(reverse("produits:index"), TITLE)],
        context={"form": form, "button": "Créer le produit"},
        status=422 if form.errors else 200,
    )


@permission_required("products.change_productterms")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a product with its prices; a POST changes what it says."""
    product = get_object_or_404(_products(), pk=pk)
    form = ProductForm(request.POST or None, request.FILES or None, product=product)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_product(
                by=request.user,
                product=product,
                title=form.cleaned_data["title"],
                terms=form.terms(),
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            _picture(request, product, form)
            messages.success(request, f"«\u00a0{product.title}\u00a0» est enregistré.")
            return redirect("produits:edit", pk)
    return _product(request, product, form, PriceForm())


def _picture(request: StaffRequest, product: Any, form: ProductForm) -> None:
    typed, terms = form.cleaned_data, product.terms
    if typed.get("remove_picture") and not typed["picture"]:
        services.remove_picture(by=request.user, product=product)
    elif typed["picture"] or (terms.image_id and terms.image_alt != typed["image_alt"]):
        services.set_picture(
            by=request.user, product=product, alt=typed["image_alt"], file=typed["picture"]
        )


def _product(
    request: StaffRequest, product: Any, form: ProductForm, price_form: PriceForm
) -> HttpResponse:
    prices = list(product.prices.order_by("-starts_on"))
    begun = (row.pk for row in prices if row.starts_on <= timezone.localdate())
    return page(
        request,
        "shop/admin/product.html",
        title=product.title,
        icon=ICON,
        parents=[(reverse("produits:index"), TITLE)],
        context={
            "product": product,
            "form": form,
            "price_form": price_form,
            "prices": prices,
            "current": next(begun, None),
        },
        status=422 if form.errors or price_form.errors else 200,
    )


@permission_required("products.change_productterms")
@require_http_methods(["GET", "POST"])
def price(request: StaffRequest, pk: int) -> HttpResponse:
    """Set a price from a day on; a GET (a reload) goes back to the product."""
    if request.method == "GET":
        return redirect("produits:edit", pk)
    product = get_object_or_404(_products(), pk=pk)
    form = PriceForm(request.POST)
    if form.is_valid():
        try:
            services.set_price(by=request.user, product=product, **form.cleaned_data)
        except DomainError as error:
            form.add_error("starts_on", error.message)
        else:
            messages.success(request, "Le prix est enregistré.")
            return redirect("produits:edit", pk)
    return _product(request, product, ProductForm(product=product), form)


def _remove_price(request: StaffRequest, product: Any) -> str:
    key = request.POST.get("price", "")
    found = product.prices.filter(pk=int(key)) if key.isascii() and key.isdecimal() else None
    row = found.first() if found and len(key) < 19 else None
    if not isinstance(row, ProductPrice):
        raise Http404
    services.remove_price(by=request.user, row=row)
    return "Le prix à venir est retiré."


def _publish(request: StaffRequest, product: Any) -> str:
    services.publish(by=request.user, product=product)
    return f"«\u00a0{product.title}\u00a0» est publié."


def _retire(request: StaffRequest, product: Any) -> str:
    services.retire(by=request.user, product=product)
    return f"«\u00a0{product.title}\u00a0» n’est plus proposé\u00a0; son historique est gardé."


def _up(request: StaffRequest, product: Any) -> str:
    services.move(by=request.user, product=product, up=True)
    return ""


def _down(request: StaffRequest, product: Any) -> str:
    services.move(by=request.user, product=product, up=False)
    return ""


#: What a button does, by the last part of its address, and the page that follows.
ACTIONS: dict[str, tuple[Callable[[StaffRequest, Any], str], str]] = {
    "publier": (_publish, "edit"),
    "retirer": (_retire, "edit"),
    "retirer-prix": (_remove_price, "edit"),
    "monter": (_up, "index"),
    "descendre": (_down, "index"),
}


@permission_required("products.change_productterms")
@require_POST
def act(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """Do one of the `ACTIONS`."""
    if name not in ACTIONS:
        raise Http404
    product = get_object_or_404(_products(), pk=pk)
    action, then = ACTIONS[name]
    try:
        done = action(request, product)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        if done:
            messages.success(request, done)
    return redirect("produits:index") if then == "index" else redirect("produits:edit", pk)
