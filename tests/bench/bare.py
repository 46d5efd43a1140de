"""The yardstick: what Django answers when it has nothing to do."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.bench.wire import BARE

WORDS = b"nu"


def bare(request: HttpRequest) -> HttpResponse:
    """Answer two bytes; no middleware would add their length, and without it they go in chunks."""
    return HttpResponse(WORDS, headers={"Content-Length": str(len(WORDS))})


urlpatterns = [path(BARE.removeprefix("/"), bare)]
