"""The monthly cash report, on screen and as a spreadsheet."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.privacy.services import record
from portal.sheets import writing
from portal.structures.access import member_of, member_required
from shop.handovers import months, reports
from shop.handovers.chart import HEIGHT, draw
from shop.handovers.views.book import chosen_month, month_links


@require_safe
@never_cache
@member_required
def report(request: HttpRequest) -> HttpResponse:
    """Show what was collected in a month."""
    month, problem = chosen_month(request)
    found = reports.monthly(member_of(request), month)
    context = {
        "report": found,
        "chart": draw(found),
        "chart_height": HEIGHT,
        "problem": problem,
        **month_links(month),
    }
    return render(request, "shop/handovers/report.html", context, status=400 if problem else 200)


@require_POST
@never_cache
@member_required
def export(request: HttpRequest) -> HttpResponseBase:
    """Hand the month out with its references in clear: an act, recorded.

    Raises:
        portal.ui.errors.DomainError: the month does not exist.
    """
    member = member_of(request)
    month = months.parse(request.POST.get("mois", ""))
    form = writing.XLSX if request.POST.get("format") == writing.XLSX else writing.CSV
    lines = list(reports.rows(member, month))
    written = months.written(month)
    record(
        by=member.user,
        action="handovers.exported",
        target=member.structure,
        month=written,
        format=form,
        count=len(lines),
    )
    return writing.respond(form, name=f"remises-{written}", header=reports.HEADER, rows=lines)
