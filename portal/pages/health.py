"""What a probe asks: are you alive, and can you serve."""

import time
from collections.abc import Callable

import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from portal.outbox.models import OutboxMessage
from portal.outbox.tasks import HEARTBEAT

log = structlog.get_logger("espace.health")

OUTBOX_LATE = 120  # seconds
BEAT_LATE = 60  # seconds

#: What a check found: whether it is good, and an age in seconds where it has one.
Finding = tuple[bool, float | None]


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether each part that a page needs is there: 503 where one is not."""
    checks = {"database": _database, "redis": _redis, "outbox": _outbox, "beat": _beat}
    found = {name: _checked(name, check) for name, check in checks.items()}
    good = all(ok for ok, _ in found.values())
    parts: dict[str, dict[str, float]] = {
        name: {"ok": ok} if age is None else {"ok": ok, "age_seconds": round(age)}
        for name, (ok, age) in found.items()
    }
    return JsonResponse({"ok": good, "checks": parts}, status=200 if good else 503)


def _checked(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except (DatabaseError, RedisError, OSError) as error:
        # The class only: a driver's message may quote an address.
        log.error("health.failed", check=name, error=type(error).__name__)
        return False, None


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,), None


def _redis() -> Finding:
    cache.get(HEARTBEAT)
    return True, None


def _outbox() -> Finding:
    """Look at the message that waits longest since it was due.

    One that failed and waits for its next attempt is not late: it is due later.
    """
    waiting = OutboxMessage.objects.filter(delivered_at__isnull=True, dead_at__isnull=True)
    due = waiting.aggregate(first=Min("due_at"))["first"]
    age = max(0.0, (timezone.now() - due).total_seconds()) if due else 0.0
    return age <= OUTBOX_LATE, age


def _beat() -> Finding:
    last = cache.get(HEARTBEAT)
    if last is None:
        return False, None
    age = max(0.0, time.time() - float(last))
    return age <= BEAT_LATE, age
