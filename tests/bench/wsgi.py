"""The application as production serves it, and the bare view beside it in the same processes.

A request that carries ``X-Bench`` is told how many SQL queries it cost and which process
answered; the others, which are timed, run as in production.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.test.utils import override_settings

from portal.wsgi import application as site
from tests.bench import bare
from tests.bench.wire import BARE

Environ = dict[str, Any]
Start = Callable[..., Any]


class BareRequest(WSGIRequest):
    """Knows one address."""

    urlconf = bare.__name__


class BareHandler(WSGIHandler):
    """Django without any middleware."""

    request_class = BareRequest


with override_settings(MIDDLEWARE=[]):
    nothing = BareHandler()


def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Answer by the site or by the bare view."""
    handler = nothing if environ["PATH_INFO"] == BARE else site
    if "HTTP_X_BENCH" not in environ:
        return handler(environ, start_response)
    return counted(handler, environ, start_response)


def counted(handler: WSGIHandler, environ: Environ, start_response: Start) -> Iterable[bytes]:
    """Answer, and say in two more headers what the answer cost and who gave it."""
    queries = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*arguments)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        more = [("X-Bench-Queries", str(queries)), ("X-Bench-Worker", str(os.getpid()))]
        return start_response(status, [*headers, *more], *rest)

    with connection.execute_wrapper(count):
        return handler(environ, start)
