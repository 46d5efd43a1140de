"""The carnet: what is to be noted, what was noted, and finding a person's numbers again."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.structures.access import member_of, member_required
from shop.handovers import months
from shop.handovers.models import HandOver, HandOverQuerySet
from shop.handovers.reports import of_month
from shop.handovers.services import find_by_reference, to_note

PER_PAGE = 20
WAITING_PER_PAGE = 10
#: What a search shows at most: a person does not receive more in the time of a reference.
MOST_FOUND = 100
Payer = HandOver.Payer


def chosen_month(request: HttpRequest) -> tuple[dt.date, str]:
    """Return the month asked for, and the sentence that says why it is another one."""
    try:
        return months.parse(request.GET.get("mois", "")), ""
    except months.UnknownMonth as error:
        return months.this_month(), error.message


def month_links(month: dt.date) -> dict[str, Any]:
    """Return a month and those around it, as pages name them; none after the current one."""
    named = {
        "month": month,
        "previous": months.previous(month),
        "next": months.following(month) if month < months.this_month() else None,
    }
    return {
        key: {"name": months.named(day), "value": months.written(day)} if day else None
        for key, day in named.items()
    }


@require_safe
@never_cache
@member_required
def book(request: HttpRequest) -> HttpResponse:
    """Show the numbers to note first, then the hand-overs of a month."""
    member = member_of(request)
    month, problem = chosen_month(request)
    payer = request.GET.get("payeur", "")
    noted = of_month(member, month)
    if payer in Payer.values:
        noted = noted.filter(paid_by=payer)
    waiting = (
        to_note(member)
        .select_related("product", "order_line__order__placed")
        .defer("secret")
        .order_by("-given_at", "-pk")
    )
    context = {
        "waiting": Paginator(waiting, WAITING_PER_PAGE).get_page(request.GET.get("attente")),
        "page": Paginator(_rows(noted), PER_PAGE).get_page(request.GET.get("page")),
        "payers": Payer.choices,
        "payer": payer if payer in Payer.values else "",
        "problem": problem,
        **month_links(month),
    }
    return render(request, "shop/handovers/book.html", context, status=400 if problem else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def search(request: HttpRequest) -> HttpResponse:
    """Find the numbers of a person; by POST, so that no reference stays in an address."""
    if request.method == "GET":
        return redirect("handovers:book")
    text = request.POST.get("reference", "")[:200]
    found = list(_rows(find_by_reference(member_of(request), text))[:MOST_FOUND])
    context = {"text": text, "found": found, "most": MOST_FOUND}
    return render(request, "shop/handovers/search.html", context)


def _rows(rows: HandOverQuerySet) -> HandOverQuerySet:
    found = rows.select_related("code__product").defer("code__secret")
    return found.order_by("-handed_on", "-pk")
