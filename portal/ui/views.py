"""The style guide and the page of an expired form."""

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.views.decorators.http import require_safe

from portal.ui import styleguide

ERROR_PAGES = {"403": 403, "404": 404, "500": 500, "403_csrf": 403}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form expired. ``reason`` is for logs: a person has no use for it."""
    return HttpResponse(get_template("403_csrf.html").render(), status=403)


@login_not_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Show every token and component; ``?visiteur=`` changes the header's visitor."""
    request.visitor = styleguide.VISITORS.get(  # type: ignore[attr-defined]
        request.GET.get("visiteur", "partenaire")
    )
    context = {
        "palette": styleguide.palette(),
        "pairs": styleguide.measured_pairs(),
        "text_sizes": styleguide.sizes("text"),
        "spaces": styleguide.sizes("space"),
        "middle_page": Paginator(range(240), 20).page(6),
        "first_page": Paginator(range(30), 20).page(1),
        **styleguide.specimens(),
        **styleguide.forms_in_each_state(),
    }
    return render(request, "styleguide/index.html", context)


@login_not_required
@require_safe
def error_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show an error page as it is served: without any context."""
    if name not in ERROR_PAGES:
        raise Http404
    return HttpResponse(get_template(f"{name}.html").render(), status=ERROR_PAGES[name])


@login_not_required
@require_safe
@csp_update({"style-src": "'unsafe-inline'"})  # Mail programs know inline styles only.
def email(request: HttpRequest) -> HttpResponse:
    """Show the base of the HTML e-mails."""
    context = {"base_url": request.build_absolute_uri("/").rstrip("/")}
    return render(request, "styleguide/email.html", context)
