"""The visitor, as the header shows them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.pages.visitor import Visitor


class VisitorMiddleware:
    """Put a lazy `Visitor` on the request: nothing is read until a template asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.visitor = Visitor(request)  # type: ignore[attr-defined]
        return self.get_response(request)
