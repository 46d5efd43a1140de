"""MON COMPTE: what is left, what was ordered, what is to be done next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.structures.access import current_membership
from portal.structures.desk import panels
from portal.structures.services import ordering_obstacles
from shop.ordering.services import last_orders
from shop.quotas.services import open_quotas
from shop.recharges.services import last_codes

LAST = 5


@require_safe
@never_cache
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what is left of each quota, the last orders, and what to do next.

    Staff without a structure have no such page: theirs is their own details.
    """
    membership = current_membership(request)
    if membership is None:
        return redirect("/mon-compte/details/")
    shown = panels(membership)
    return render(
        request,
        "shop/dashboard.html",
        {
            "quotas": open_quotas(membership.structure),
            "orders": last_orders(membership, LAST),
            "codes": last_codes(membership, LAST),
            "panels": shown,
            "tasks": [task for panel in shown for task in panel.tasks],
            "obstacles": ordering_obstacles(membership),
            "shop_url": reverse("shop:catalogue"),
        },
    )
