"""What a probe asks."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from portal.outbox.models import OutboxMessage
from portal.outbox.tasks import HEARTBEAT


def probe() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/sante/pret/")
    return answer.status_code, answer.json()["checks"]


@pytest.fixture
def beat(db: None) -> None:
    cache.set(HEARTBEAT, time.time())


def waiting(*, due_for: int) -> OutboxMessage:
    """Create a message that was due ``due_for`` seconds ago."""
    due = timezone.now() - timedelta(seconds=due_for)
    return OutboxMessage.objects.create(topic="accounts.invitation", due_at=due)


def test_alive_asks_nothing_of_the_database(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/sante/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_ready_when_all_is_there(beat: None) -> None:
    assert probe() == (
        200,
        {
            "database": {"ok": True},
            "redis": {"ok": True},
            "outbox": {"ok": True, "age_seconds": 0},
            "beat": {"ok": True, "age_seconds": 0},
        },
    )


def test_not_ready_when_a_message_waits_for_more_than_two_minutes(beat: None) -> None:
    waiting(due_for=100)
    assert probe()[0] == 200
    waiting(due_for=130)
    status, checks = probe()
    assert (status, checks["outbox"]) == (503, {"ok": False, "age_seconds": 130})


def test_a_message_that_waits_for_its_next_attempt_is_not_late(beat: None) -> None:
    waiting(due_for=-600)
    OutboxMessage.objects.filter(pk=waiting(due_for=9000).pk).update(dead_at=timezone.now())
    assert probe()[0] == 200


@pytest.mark.parametrize(("age", "expected"), [(50, 200), (70, 503), (None, 503)])
def test_not_ready_when_beat_is_silent(db: None, age: int | None, expected: int) -> None:
    if age is not None:
        cache.set(HEARTBEAT, time.time() - age)
    assert probe()[0] == expected


def test_not_ready_and_no_address_told_when_redis_is_away(db: None, settings: Any) -> None:
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}
    }
    answer = Client().get("/sante/pret/")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] == {"ok": False}
    assert b"127.0.0.1" not in answer.content
