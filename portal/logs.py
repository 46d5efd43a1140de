"""Structured logs: one JSON object a line, a request id throughout, no personal data.

Log events with constant words and identifiers (uuid, counts, names of states), never with what
a person typed: there is no filter that could take a name out again. Libraries do quote values:
paths, and the texts of errors (a refused e-mail names its recipient, PostgreSQL quotes the row).
Those texts are left out here: an error is named by its class and the lines that raised it.
"""

import logging
import logging.config
import re
import traceback
import uuid
from collections.abc import Callable, Iterator
from time import perf_counter
from types import TracebackType

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist

_REQUEST_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
#: Errors whose text is about the program, never about a person: it is kept.
_ABOUT_CODE = frozenset(
    {AttributeError, ImportError, ImproperlyConfigured, NameError, TemplateDoesNotExist, TypeError}
)
log = structlog.get_logger("espace.request")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(*, json: bool, level: str = "INFO") -> None:
    """Send every log, ours and the libraries', through structlog to the standard error.

    Args:
        json: one JSON object a line; otherwise lines for a person at a terminal.
        level: the lowest level that is kept.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[structlog.typing.Processor] = (
        [
            structlog.processors.ExceptionRenderer(describe_error),
            structlog.processors.JSONRenderer(),
        ]
        if json
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    foreign = [hide_quoted, *shared] if json else shared
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structlog": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": foreign,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *renderer,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # Django's own request lines carry whole paths; ours carry the route.
                "django.server": {"level": "WARNING"},
                "celery": {"level": "WARNING"},
                "django_tasks": {"level": "WARNING"},
                # At DEBUG it writes the context of a failed look-up: numbers of recharge included.
                "django.template": {"level": "INFO"},
                "wagtail": {"level": "WARNING"},
                "fontTools": {"level": "WARNING"},
                # It warns of each letter that no font has: digits of numbers of recharge included.
                "weasyprint": {"level": "ERROR"},
                # gunicorn brings handlers of its own, whose lines are no JSON.
                "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def hide_quoted(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Take out of a library's line what it quotes: the request's path and the texts of errors."""
    record: logging.LogRecord = event["_record"]
    text = str(event["event"])
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        match = request.resolver_match
        route = f"<{match.route if match else 'no route'}>"
        # Django escapes what it quotes.
        for path in (request.get_full_path(), request.path, request.path_info):
            for quoted in (path.encode("unicode_escape").decode("ascii"), path):
                if len(quoted) > 1:
                    text = text.replace(quoted, route)
    error = record.exc_info[1] if record.exc_info else None
    for one in _chain(error):
        if type(one) not in _ABOUT_CODE:
            for quoted in filter(None, (repr(one), str(one))):
                text = text.replace(quoted, f"<{type(one).__name__}>")
    event["event"] = text
    return event


def describe_error(exc_info: ExcInfo) -> str:
    """Return a traceback without texts: classes, files and lines, what raised first comes last.

    PostgreSQL's errors carry their code and the constraint as well, which quote no row.
    """
    lines = []
    for one in _chain(exc_info[1]):
        diagnostic = getattr(one, "diag", None)
        facts = [getattr(diagnostic, name, None) for name in ("sqlstate", "constraint_name")]
        facts += [str(one)] if type(one) in _ABOUT_CODE else []
        lines.append(
            " ".join([f"{type(one).__module__}.{type(one).__qualname__}", *filter(None, facts)])
        )
        lines += [line.rstrip() for line in traceback.format_tb(one.__traceback__)]
    return "\n".join(lines)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


class RequestIdMiddleware:
    """Give each request an id, log one line a request, and send the id back.

    The line names the route, never the path: paths can carry what people typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        start = perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        match = request.resolver_match
        log.info(
            "request",
            method=request.method,
            route=match.route if match else None,
            status=response.status_code,
            milliseconds=round((perf_counter() - start) * 1000, 1),
        )
        return response
