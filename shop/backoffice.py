"""What the shop's pages in the back office have in common: who may enter, and their frame."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from portal.accounts.backoffice import StaffRequest


def permission_required(
    permission: str,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let in whose roles hold ``permission``; what they see is never kept by a cache.

    Raises:
        PermissionDenied: Wagtail sends the others back to its first page with a sentence.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(guarded)

    return decorate


def page(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    icon: str,
    parents: Sequence[tuple[str, str]],
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Draw a page in Wagtail's frame.

    Args:
        request: of staff.
        template: extends ``wagtailadmin/generic/base.html``.
        title: the page's heading and the last crumb.
        icon: one of Wagtail's.
        parents: addresses and labels of the crumbs between the first page and this one.
        context: the template's own.
        status: of the answer; 422 where a form was refused.
    """
    crumbs = [(reverse("wagtailadmin_home"), "Accueil"), *parents, ("", title)]
    frame = {
        "page_title": title,
        "header_title": title,
        "header_icon": icon,
        "breadcrumbs_items": [{"url": url, "label": label} for url, label in crumbs],
    }
    return render(request, template, {**frame, **context}, status=status)


def price_field(**options: Any) -> forms.DecimalField:
    """Return a field for euros: a comma or a dot, at most two decimals, nothing negative."""
    return forms.DecimalField(min_value=0, max_digits=6, decimal_places=2, localize=True, **options)
