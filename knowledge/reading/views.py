"""« Mes fiches »: favourites and what was read lately.

The pages of RESSOURCES are kept for everybody: what is one person's comes in parts of its own,
which htmx asks for once the page is there. Without JavaScript a link leads to « Mes fiches ».
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Page

from knowledge.reading import listing, services

NOTHING = 204  # HTTP: done, and nothing to show
#: Stars that one page may ask for.
MOST_STARS = 100
GLANCE = 4  # titles of each kind at the top of RESSOURCES


@never_cache
@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """Show what this person keeps, and what they read last."""
    return render(request, "knowledge/reading/shelf.html", _shelf(request))


@login_not_required
@never_cache
@require_safe
def glance(request: HttpRequest) -> HttpResponse:
    """Give RESSOURCES the first titles of « Mes fiches »; nothing to strangers."""
    if not request.user.is_authenticated:
        return HttpResponse(status=NOTHING)
    return render(request, "knowledge/reading/glance.html", _shelf(request, most=GLANCE))


@login_not_required
@never_cache
@require_safe
def stars(request: HttpRequest) -> HttpResponse:
    """Give a page the stars of the guides that ``?sur=`` names; nothing to strangers.

    With ``?lue=`` a guide is open: the part then says that it was read.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=NOTHING)
    asked = [int(key) for key in request.GET.getlist("sur")[:MOST_STARS] if _is_key(key)]
    pages = list(services.open_to(request.user).filter(pk__in=asked).order_by("path"))
    kept = services.kept_among(request.user, [page.pk for page in pages])
    shown = [{"page": page, "kept": page.pk in kept} for page in pages]
    context = {"stars": shown, "opened": request.GET.get("lue") and pages}
    return render(request, "knowledge/reading/stars.html", context)


@method_decorator(never_cache, name="dispatch")
class FavouriteView(View):
    """A star: a part of the page that shows it, and a page of its own."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether to keep the guide."""
        page = _page(request, pk)
        kept = bool(services.kept_among(_person(request), [page.pk]))
        context = {"page": page, "kept": kept, "address": page.get_url(request)}
        return render(request, "knowledge/reading/favourite.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep the guide (``keep=1``), or keep it no longer."""
        page = _page(request, pk)
        kept = request.POST.get("keep") == "1"
        act = services.keep if kept else services.forget
        act(by=_person(request), page=page)
        if not getattr(request, "htmx", False):
            said = "est dans vos fiches" if kept else "n’est plus dans vos fiches"
            messages.success(request, f"«\u00a0{page.title}\u00a0» {said}.")
            return redirect("reading:shelf")
        context = {"star": {"page": page, "kept": kept}, "wide": request.POST.get("wide")}
        answer = render(request, "knowledge/reading/star.html", context)
        answer.headers["HX-Trigger"] = "fiches"  # what the top of RESSOURCES listens to
        return answer


@never_cache
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Remember that this person read a guide."""
    services.note(by=_person(request), page=_page(request, pk))
    return HttpResponse(status=NOTHING)


def _person(request: HttpRequest) -> Any:
    """Return who is there: the login stands in front of these views."""
    return request.user


def _page(request: HttpRequest, pk: int) -> Page:
    page: Page = get_object_or_404(services.open_to(request.user), pk=pk)
    return page


def _shelf(request: HttpRequest, *, most: int | None = None) -> dict[str, Any]:
    found = services.shelf_of(_person(request), favourites=most, recent=most or services.SHOWN)
    return {
        "favourites": [listing.item(page, request) for page in found.favourites],
        "recent": [listing.item(page, request) for page in found.recent],
    }


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
