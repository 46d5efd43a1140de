"""The visitor, as the header shows them, and who may enter what Wagtail keeps for editors."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from wagtail.admin.auth import permission_denied
from wagtail.permissions import page_permission_policy

from portal.pages.visitor import Visitor

#: Starts of the routes that serve those who write and publish. Wagtail opens a good part of them
#: (its API, choosers, bulk actions, history) to whoever enters the back office.
EDITORIAL = (
    *("gestion/api/", "gestion/block-preview/", "gestion/bulk/", "gestion/choose-"),
    *("gestion/documents/", "gestion/embeds/", "gestion/estimateur/", "gestion/faq/"),
    *("gestion/images/", "gestion/numeros-utiles/", "gestion/pages/", "gestion/redirects/"),
    *("gestion/reports/", "gestion/snippets/", "gestion/tag-autocomplete/", "gestion/workflows/"),
)
EDITORIAL_ACTIONS = {"add", "change", "publish"}


class VisitorMiddleware:
    """Put a lazy `Visitor` on the request: nothing is read until a template asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.visitor = Visitor(request)  # type: ignore[attr-defined]
        return self.get_response(request)


class EditorialDoorMiddleware:
    """Keep the editorial part of the back office to éditeurs and modérateurs.

    Who may not enter the back office at all is left to Wagtail, which shows them the login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Send others of the team back to the first page of the back office."""
        match = request.resolver_match
        if match is None or not match.route.startswith(EDITORIAL):
            return None
        user = request.user
        if not user.has_perm("wagtailadmin.access_admin"):
            return None
        if page_permission_policy.user_has_any_permission(user, EDITORIAL_ACTIONS):
            return None
        answer: HttpResponseBase = permission_denied(request)
        return answer
