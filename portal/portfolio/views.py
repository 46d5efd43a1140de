"""The public list of points d'accueil."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.portfolio.listing import in_department
from portal.portfolio.places import communes, departments, listed
from portal.portfolio.search import MAX_LENGTH, found
from portal.structures.departments import NAMES

PER_PAGE = 20


@login_not_required
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Show the places of a département, a commune, or that hold the words searched."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:MAX_LENGTH]
    department = request.GET.get("departement", "")
    commune = request.GET.get("commune", "").replace("\0", "")
    chosen, choices = listed(), []
    if department in NAMES:
        chosen = in_department(chosen, department)
        choices = communes(chosen)
        if commune in dict(choices):
            chosen = chosen.filter(city=commune)
        else:
            commune = ""
    else:
        department = commune = ""
    chosen = found(chosen, typed).order_by("city", "name", "pk")
    context = {
        "page": Paginator(chosen, PER_PAGE).get_page(request.GET.get("page")),
        "query": typed,
        "department": department,
        "department_name": NAMES.get(department, ""),
        "commune": commune,
        "departments": departments(),
        "communes": choices,
        "filtered": bool(typed or department),
    }
    return render(request, "portfolio/places.html", context)
