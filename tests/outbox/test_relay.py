"""The outbox: written with the fact, delivered at least once, given up in the open."""

import datetime as dt
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from portal.celery import app
from portal.outbox import services, tasks
from portal.outbox.models import OutboxMessage
from portal.outbox.services import BACKOFF, deliver_due, enqueue, resend

TOPIC = "tests.note"
delivered: list[str] = []
failures: list[Exception] = []


def _note(message: OutboxMessage) -> None:
    if failures:
        raise failures[0]
    delivered.append(message.payload["note"])


@pytest.fixture(autouse=True)
def _topic() -> Iterator[None]:
    delivered.clear()
    failures.clear()
    services.handler(TOPIC)(_note)
    yield
    services._handlers.pop(TOPIC)


def _due_now() -> None:
    OutboxMessage.objects.update(due_at=timezone.now() - dt.timedelta(seconds=1))


def test_a_commit_wakes_the_relay(transactional_db: None) -> None:
    with transaction.atomic():
        enqueue(TOPIC, {"note": "a"})
        assert delivered == []

    assert delivered == ["a"]
    assert OutboxMessage.objects.get().delivered_at is not None


def test_a_rollback_leaves_no_message(transactional_db: None) -> None:
    with transaction.atomic():
        enqueue(TOPIC, {"note": "a"})
        transaction.set_rollback(True)

    assert OutboxMessage.objects.count() == 0
    assert delivered == []


def test_a_broker_that_is_away_fails_no_request_and_the_sweep_delivers(
    transactional_db: None, broker_away: None
) -> None:
    start = time.monotonic()
    with transaction.atomic():
        enqueue(TOPIC, {"note": "a"})
    waited = time.monotonic() - start
    assert delivered == []

    tasks.sweep()

    assert delivered == ["a"]
    assert waited < 2  # the person's page does not wait for a broker that refuses


@pytest.fixture
def broker_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Publish for real, to a port where nobody listens, as when Redis is down."""
    publish = tasks.relay.apply_async
    app.conf.task_always_eager = False
    with app.connection_for_write("redis://127.0.0.1:1/0") as link:
        monkeypatch.setattr(
            tasks.relay, "apply_async", lambda **options: publish(connection=link, **options)
        )
        yield
    app.conf.task_always_eager = True


@pytest.mark.django_db
def test_a_failure_is_retried_later_and_says_only_its_class() -> None:
    failures.append(ValueError("secret@example.org"))
    enqueue(TOPIC, {"note": "a"})
    before = timezone.now()

    assert deliver_due() == 1

    message = OutboxMessage.objects.get()
    assert message.last_error == "ValueError"
    assert message.attempts == 1
    assert message.delivered_at is None
    assert (message.due_at - before).total_seconds() == pytest.approx(BACKOFF[0], abs=2)


@pytest.mark.django_db
def test_a_failed_handler_leaves_nothing_half_done() -> None:
    def write_then_fail(message: OutboxMessage) -> None:
        OutboxMessage.objects.create(topic=TOPIC, payload={"note": "half"})
        raise ValueError

    services._handlers[TOPIC] = write_then_fail
    enqueue(TOPIC, {"note": "a"})

    deliver_due()

    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db
def test_a_message_dies_after_its_last_attempt_and_can_be_resent() -> None:
    failures.append(ValueError())
    enqueue(TOPIC, {"note": "a"})
    for _ in range(len(BACKOFF) + 1):
        _due_now()
        deliver_due()
    message = OutboxMessage.objects.get()
    assert message.dead_at is not None
    _due_now()
    assert deliver_due() == 0

    failures.clear()
    resend(message)
    deliver_due()

    message.refresh_from_db()
    assert delivered == ["a"]
    assert message.dead_at is None
    assert message.delivered_at is not None


@pytest.mark.django_db
def test_a_topic_that_nobody_handles_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        enqueue("tests.unknown", {})


def test_many_relays_deliver_each_message_once(transactional_db: None) -> None:
    services._handlers[TOPIC] = lambda message: delivered.append(message.payload["note"])
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic=TOPIC, payload={"note": str(number)}) for number in range(40)
    )

    def run(_: int) -> int:
        try:
            return deliver_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        tried = sum(pool.map(run, range(6)))

    assert tried == 40
    assert sorted(delivered, key=int) == [str(number) for number in range(40)]


@pytest.mark.django_db
def test_messages_with_a_pace_leave_one_after_the_other_and_let_others_pass() -> None:
    services.enqueue_each(TOPIC, [{"note": str(rank)} for rank in range(3)], pace=60)
    enqueue(TOPIC, {"note": "other"})

    assert deliver_due() == 2

    assert delivered == ["0", "other"]
    waits = OutboxMessage.objects.filter(delivered_at=None).order_by("pk")
    start = OutboxMessage.objects.earliest("pk").due_at
    assert [(one.due_at - start).total_seconds() for one in waits] == [60, 120]


@pytest.mark.django_db
def test_a_relay_whose_time_is_over_begins_no_other_message() -> None:
    services.enqueue_each(TOPIC, [{"note": "a"}, {"note": "b"}])

    assert deliver_due(seconds=0) == 0


def test_a_worker_comes_back_until_nothing_is_due(transactional_db: None) -> None:
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic=TOPIC, payload={"note": str(number)}) for number in range(250)
    )

    tasks.sweep()  # a hundred, and the wake-up that follows, at once here, a hundred more
    tasks.sweep()

    assert len(delivered) == len(set(delivered)) == 250


@pytest.mark.django_db
def test_the_sweep_leaves_its_time_for_the_health_page() -> None:
    tasks.sweep()

    assert timezone.now().timestamp() - cache.get(tasks.HEARTBEAT) < 5
