"""MON COMPTE → FACTURES → the month in progress."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.structures.access import member_of
from shop.billing.forecast import forecast as forecast_of
from shop.billing.views.door import lead_required
from shop.handovers.months import following


@require_safe
@never_cache
@lead_required
def forecast(request: HttpRequest) -> HttpResponse:
    """Show what the month costs so far, by member and by product, and when its invoice comes."""
    found = forecast_of(member_of(request).structure)
    context = {
        "forecast": found,
        "whole": found.whole,
        "members": found.by_member,
        "products": found.by_product,
        "next": following(found.month),
        "last_day": following(found.month) - dt.timedelta(days=1),
    }
    return render(request, "billing/account/forecast.html", context)
