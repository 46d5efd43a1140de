"""MON COMPTE → Commandes: the structure's orders, and what can be done with one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oscar.core.loading import get_model

from portal.structures.access import member_of, member_required
from portal.structures.models import Membership
from portal.ui.errors import DomainError
from portal.ui.forms import day_input
from shop.ordering import baskets
from shop.ordering.cancelling import cancel_own_order
from shop.ordering.models import PlacedOrder, PlacedOrderQuerySet
from shop.recharges.models import RechargeCode, RechargeCodeQuerySet
from shop.recharges.services import ShownCode, show
from shop.sims.states import State

OrderLine = get_model("order", "Line")
PER_PAGE = 20
#: How long the buyer reads the numbers on the order's page without asking for each. Later, and
#: for colleagues, they are hidden like the rest of the history: the person at the desk may be
#: another one.
FRESH = timedelta(minutes=30)


@dataclass(frozen=True)
class CodeItem:
    """A number on its order's page; ``secret`` is empty while it is hidden."""

    code: RechargeCode
    title: str
    secret: str
    free: bool


@dataclass(frozen=True)
class LineItem:
    """A line of an order; ``due`` in euros."""

    title: str
    quantity: int
    free: int
    due: Decimal
    kind: str
    codes: list[CodeItem]


class OrderFilter(forms.Form):
    """What the history may be narrowed to; what is not understood narrows nothing."""

    n = forms.CharField(label="Numéro", required=False, max_length=20)
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=(("", "Toutes"), ("passee", "Passées"), ("annulee", "Annulées")),
    )
    du = forms.DateField(label="Du", required=False, widget=day_input())
    au = forms.DateField(label="Au", required=False, widget=day_input())

    def narrow(self, orders: PlacedOrderQuerySet) -> PlacedOrderQuerySet:
        """Return the orders asked for."""
        self.full_clean()
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        number = "".join(char for char in wanted.get("n", "") if char.isdigit())
        if "n" in wanted:
            orders = orders.filter(order__number=number)
        if "etat" in wanted:
            orders = orders.filter(cancelled_at__isnull=wanted["etat"] == "passee")
        if "du" in wanted:
            orders = orders.filter(placed_at__date__gte=wanted["du"])
        if "au" in wanted:
            orders = orders.filter(placed_at__date__lte=wanted["au"])
        return orders


def orders_of(membership: Membership) -> PlacedOrderQuerySet:
    """Return the orders that a member sees, with who placed each and where its cards are."""
    return PlacedOrder.objects.visible_to(membership).select_related(
        "order__user", "cancelled_by", "delivery"
    )


def order_lines(
    placed: PlacedOrder, codes: Iterable[RechargeCode], secrets: Mapping[int, str]
) -> list[LineItem]:
    """Return the order's lines, each with its free units and its codes.

    Args:
        placed: the order.
        codes: all of its codes.
        secrets: digits by code key; a code without an entry stays hidden.
    """
    by_line: dict[int | None, list[RechargeCode]] = defaultdict(list)
    for code in codes:
        by_line[code.order_line_id].append(code)
    lines = (
        OrderLine.objects.filter(order=placed.order_id)
        .select_related("product__terms")
        .prefetch_related("quota_uses")
        .order_by("pk")
    )
    return [_line(line, by_line[line.pk], secrets) for line in lines]


def _line(line: Any, codes: list[RechargeCode], secrets: Mapping[int, str]) -> LineItem:
    free = sum(use.quantity for use in line.quota_uses.all())
    return LineItem(
        title=line.title,
        quantity=line.quantity,
        free=free,
        due=line.line_price_incl_tax,
        kind=line.product.terms.kind if line.product else "",
        # The codes of a line are worth the same: the first ones stand for the free units.
        codes=[
            CodeItem(code, line.title, secrets.get(code.pk, ""), position < free)
            for position, code in enumerate(codes)
        ],
    )


def codes_of(placed: PlacedOrder) -> RechargeCodeQuerySet:
    """Return the codes of an order, in the order in which they were given."""
    return RechargeCode.objects.filter(order_line__order=placed.order_id).order_by("pk")


def draw_order(
    request: HttpRequest, placed: PlacedOrder, shown: Iterable[ShownCode]
) -> HttpResponse:
    """Draw an order with the numbers of ``shown`` in clear and the others hidden."""
    secrets = {one.code.pk: one.secret for one in shown}
    codes = list(codes_of(placed).select_related("report").defer("secret"))
    delivery = getattr(placed, "delivery", None)
    given = [code for code in codes if code.state == RechargeCode.State.GIVEN]
    return render(
        request,
        "shop/order.html",
        {
            "placed": placed,
            "lines": order_lines(placed, codes, secrets),
            "given": len(given),
            "hidden": len(given) - len(secrets),
            "delivery": delivery,
            "cancellable": not placed.is_cancelled
            and not any(code.first_shown_at for code in codes)
            and (delivery is None or delivery.state == State.TO_PREPARE),
        },
    )


@require_safe
@never_cache
@member_required
def order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show an order; to its buyer, while it is fresh, with its numbers in clear.

    Each display is recorded. A browser that only prefetches (``Sec-Purpose``) sees nothing.
    """
    member = member_of(request)
    placed = get_object_or_404(orders_of(member), uuid=uuid)
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=503)
    fresh = (
        placed.order.user_id == member.user_id
        and not placed.numbers_hidden
        and timezone.now() - placed.placed_at < FRESH
    )
    shown = show(by=member.user, codes=codes_of(placed), where="order") if fresh else []
    return draw_order(request, placed, shown)


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def reveal_all(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show every number of an order, and record it; a GET goes to the order's page."""
    if request.method == "GET":
        return redirect("shop:order", uuid=uuid)
    member = member_of(request)
    placed = get_object_or_404(orders_of(member), uuid=uuid)
    shown = show(by=member.user, codes=codes_of(placed), where="order")
    return draw_order(request, placed, shown)


@require_safe
@never_cache
@member_required
def orders(request: HttpRequest) -> HttpResponse:
    """List the structure's orders, the newest first."""
    form = OrderFilter(request.GET)
    found = form.narrow(orders_of(member_of(request))).with_units().order_by("-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "shop/orders.html",
        {"page": page, "form": form, "filtered": any(form.cleaned_data.values())},
    )


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask once, then take the order back whole."""
    member = member_of(request)
    placed = get_object_or_404(orders_of(member).with_units(), uuid=uuid)
    if request.method != "POST":
        return render(request, "shop/order_cancel.html", {"placed": placed})
    try:
        cancel_own_order(by=member, order=uuid, reason=request.POST.get("reason", ""))
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            f"La commande n°\u00a0{placed.order.number} est annulée\u00a0: rien ne sera facturé, "
            "et ce qui était gratuit revient dans votre dotation.",
        )
    return redirect("shop:order", uuid=uuid)


@require_POST
@member_required
def again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put the articles of an order into the basket once more; what cannot be is said."""
    member = member_of(request)
    placed = get_object_or_404(orders_of(member), uuid=uuid)
    for line in placed.order.lines.order_by("pk"):
        try:
            baskets.add(by=member, upc=line.upc or "", quantity=line.quantity)
        except DomainError as error:
            messages.error(request, f"{line.title}\u00a0: {error.message}")
    return redirect("shop:basket")
