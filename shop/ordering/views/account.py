"""MON COMPTE: dashboard, orders and recharge numbers of the structure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from oscar.core.loading import get_model

from portal.structures.access import current_membership, member_required
from portal.structures.models import Membership
from portal.structures.services import ordering_obstacles
from shop.ordering.models import PlacedOrder
from shop.ordering.services import last_orders
from shop.quotas.services import open_quotas
from shop.recharges.models import RechargeCode, RechargeCodeQuerySet
from shop.recharges.services import ShownCode, show

OrderLine = get_model("order", "Line")
PER_PAGE = 20
#: How long the buyer reads the numbers on the order's page without asking for each. Later, and
#: for colleagues, they are hidden like the rest of the history: the person at the desk may be
#: another one.
FRESH = timedelta(minutes=30)


def _member(request: HttpRequest) -> Membership:
    return request.membership  # type: ignore[attr-defined, no-any-return]


def order_lines(
    placed: PlacedOrder, codes: Iterable[RechargeCode], secrets: Mapping[int, str]
) -> list[dict[str, Any]]:
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


def _line(line: Any, codes: list[RechargeCode], secrets: Mapping[int, str]) -> dict[str, Any]:
    free = sum(use.quantity for use in line.quota_uses.all())
    return {
        "title": line.title,
        "quantity": line.quantity,
        "free": free,
        "due": line.line_price_incl_tax,
        "kind": line.product.terms.kind if line.product else "",
        # The codes of a line are worth the same: the first ones stand for the free units.
        "codes": [
            {"code": code, "secret": secrets.get(code.pk, ""), "free": position < free}
            for position, code in enumerate(codes)
        ],
    }


def _orders_of(membership: Membership) -> Any:
    return PlacedOrder.objects.visible_to(membership).select_related("order", "order__user")


def _codes_of(placed: PlacedOrder) -> RechargeCodeQuerySet:
    return RechargeCode.objects.filter(order_line__order=placed.order_id).order_by("pk")


def _order(
    request: HttpRequest,
    placed: PlacedOrder,
    shown: Iterable[ShownCode],
) -> HttpResponse:
    """Draw an order with the numbers of ``shown`` in clear and the others hidden."""
    secrets = {one.code.pk: one.secret for one in shown}
    codes = list(_codes_of(placed).defer("secret"))
    return render(
        request,
        "shop/order.html",
        {
            "placed": placed,
            "lines": order_lines(placed, codes, secrets),
            "units": len(codes),
            "all_shown": len(secrets) == len(codes),
        },
    )


@require_safe
@never_cache
@member_required
def order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show an order; to its buyer, while it is fresh, with its numbers in clear.

    Each display is recorded. A browser that only prefetches (``Sec-Purpose``) sees nothing.
    """
    member = _member(request)
    placed = get_object_or_404(_orders_of(member), uuid=uuid)
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=503)
    fresh = placed.order.user_id == member.user_id and timezone.now() - placed.placed_at < FRESH
    shown = show(by=member.user, codes=_codes_of(placed), where="order") if fresh else []
    return _order(request, placed, shown)


@require_safe
@never_cache
@member_required
def orders(request: HttpRequest) -> HttpResponse:
    """List the structure's orders, the newest first."""
    found = (
        PlacedOrder.objects.visible_to(_member(request))
        .select_related("order", "order__user")
        .with_units()
        .order_by("-pk")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "shop/orders.html", {"page": page})


@require_safe
@never_cache
@member_required
def codes(request: HttpRequest) -> HttpResponse:
    """List the numbers of the structure, hidden until asked for."""
    found = (
        RechargeCode.objects.visible_to(_member(request))
        .select_related("product", "order_line__order__placed")
        .defer("secret")
        .order_by("-given_at", "-pk")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "shop/codes.html", {"page": page})


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def reveal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one number of the history in clear, and record it.

    In its place on the page that asked, or without JavaScript on the page of its order. A GET
    (someone types the address) goes to the history: it shows nothing.
    """
    if request.method == "GET":
        return redirect("shop:codes")
    member = _member(request)
    mine = RechargeCode.objects.visible_to(member).filter(uuid=uuid)
    shown = show(by=member.user, codes=mine.select_related("order_line"), where="history")
    if not shown:
        raise Http404
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "shop/code_shown.html", {"secret": shown[0].secret})
    line = shown[0].code.order_line
    assert line is not None  # noqa: S101  (a given code has one)
    return _order(request, _orders_of(member).get(order=line.order_id), shown)


@require_safe
@never_cache
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what is left of each quota, the last orders, and what to do next.

    Staff without a structure have no such page: theirs is their own details.
    """
    membership = current_membership(request)
    if membership is None:
        return redirect("/mon-compte/details/")
    quotas = open_quotas(membership.structure)
    return render(
        request,
        "shop/dashboard.html",
        {
            "quotas": quotas,
            "orders": last_orders(membership, 5),
            "obstacles": ordering_obstacles(membership.structure),
            "today": timezone.localdate(),
            "shop_url": reverse("shop:catalogue"),
        },
    )
