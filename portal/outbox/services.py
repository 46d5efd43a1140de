"""Writing to the outbox, and delivering what waits in it."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.outbox.models import OutboxMessage

log = structlog.get_logger("espace.outbox")

Handler = Callable[[OutboxMessage], None]
_handlers: dict[str, Handler] = {}
_watchers: dict[str, Handler] = {}

#: Seconds before the second, third … attempt; after the last one the message is dead.
BACKOFF = (10, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)


class PermanentFailure(Exception):
    """What a handler raises where no other attempt can end better: the message dies at once."""


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Register a function for ``topic``; it may be called twice and must not act twice."""

    def register(function: Handler) -> Handler:
        if topic in _handlers:
            raise ValueError(f"Two handlers for the topic {topic!r}.")
        _handlers[topic] = function
        return function

    return register


def undeliverable(topic: str) -> Callable[[Handler], Handler]:
    """Register who must know that messages of ``topic`` could not be delivered.

    The function is called in the transaction that marks the message: with ``dead_at`` set where
    it is given up, and without where somebody has it sent again, or it has arrived after all. It
    may be called twice for one fact.
    """

    def register(function: Handler) -> Handler:
        if topic in _watchers:
            raise ValueError(f"Two functions watch the topic {topic!r}.")
        _watchers[topic] = function
        return function

    return register


def tell(message: OutboxMessage) -> None:
    """Call whoever watches a message that was given up, or is no longer.

    A function that fails is logged and stops nothing: an outbox where one message fails for ever
    would deliver none of the others.
    """
    watcher = _watchers.get(message.topic)
    if watcher is None:
        return
    try:
        with transaction.atomic():
            watcher(message)
    except Exception:
        log.exception("outbox.untold", topic=message.topic, message=str(message.uuid))


def enqueue(topic: str, payload: Mapping[str, Any]) -> OutboxMessage:
    """Write a message in the caller's transaction; the relay wakes when it commits.

    Args:
        topic: a registered topic, such as ``accounts.invitation``.
        payload: identifiers only, never a person's data.

    Raises:
        KeyError: nobody handles ``topic``.
    """
    return enqueue_each(topic, [payload])[0]


def enqueue_each(
    topic: str, payloads: Iterable[Mapping[str, Any]], *, pace: float = 0
) -> list[OutboxMessage]:
    """Write a message for each of ``payloads`` at once; see `enqueue`.

    Args:
        topic: a registered topic.
        payloads: identifiers only.
        pace: seconds from one message's time to the next one's. Thousands for one provider then
            neither run it over nor keep others' messages waiting behind them.

    Raises:
        KeyError: nobody handles ``topic``.
    """
    if topic not in _handlers:
        raise KeyError(f"No handler for the topic {topic!r}.")
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    now = timezone.now()
    messages = OutboxMessage.objects.bulk_create(
        OutboxMessage(
            topic=topic,
            payload=dict(payload),
            request_id=request_id,
            due_at=now + timedelta(seconds=pace * rank),
        )
        for rank, payload in enumerate(payloads)
    )
    # Robust: a broker that is away must not fail a request whose facts are committed; the
    # sweep finds the row within ten seconds.
    transaction.on_commit(_wake, robust=True)
    return messages


def _wake() -> None:
    from portal.outbox.tasks import relay  # noqa: PLC0415  (tasks import this module)

    relay.apply_async(retry=False, ignore_result=True)


def deliver_due(*, limit: int = 100, seconds: float = 60) -> int:
    """Deliver what is due, one transaction a message; return how many were tried.

    Several workers may run this at once: a message that one of them holds is skipped by the
    others (``SKIP LOCKED``).

    Args:
        limit: the most that are tried.
        seconds: none is begun after that: a slow provider must not use up a task's time.
    """
    tried, end = 0, time.monotonic() + seconds
    while tried < limit and time.monotonic() < end and _deliver_next():
        tried += 1
    return tried


def wake_again(tried: int) -> None:
    """Have the relay go on where `deliver_due` stopped at a limit.

    Args:
        tried: what it returned; after nothing, what is still due is in others' hands.
    """
    if tried and _due().exists():
        _wake()


def _due() -> QuerySet[OutboxMessage]:
    """Return what is to be delivered now; the index ``outbox_waiting`` holds these rows."""
    return OutboxMessage.objects.filter(
        delivered_at__isnull=True, dead_at__isnull=True, due_at__lte=timezone.now()
    )


def _deliver_next() -> bool:
    with transaction.atomic():
        message = _due().select_for_update(skip_locked=True).order_by("due_at", "id").first()
        if message is None:
            return False
        message.attempts += 1
        with _request_of(message):
            _deliver(message)
        message.save()
    return True


def _request_of(message: OutboxMessage) -> AbstractContextManager[Any]:
    """Carry on the request that wrote the message: a relay delivers those of others too."""
    ids = {"request_id": message.request_id} if message.request_id else {}
    return structlog.contextvars.bound_contextvars(**ids)


def _deliver(message: OutboxMessage) -> None:
    try:
        # A savepoint: a handler that fails leaves nothing but the failure's record.
        with transaction.atomic():
            _handlers[message.topic](message)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is retried, then shown)
        _failed(message, error)
    else:
        message.delivered_at = timezone.now()
        message.last_error = ""
        log.info("outbox.delivered", topic=message.topic, message=str(message.uuid))


def _failed(message: OutboxMessage, error: Exception) -> None:
    # The class of the error, never its text: that may quote an address or a number.
    message.last_error = type(error).__name__
    if isinstance(error, PermanentFailure) or message.attempts > len(BACKOFF):
        give_up(message)
        return
    message.due_at = timezone.now() + timedelta(seconds=BACKOFF[message.attempts - 1])
    log.warning(
        "outbox.retry",
        topic=message.topic,
        message=str(message.uuid),
        attempt=message.attempts,
        error=message.last_error,
    )


def give_up(message: OutboxMessage) -> None:
    """Mark a message as undeliverable and tell who watches its topic; the caller saves it."""
    message.delivered_at = None
    message.dead_at = timezone.now()
    log.error("outbox.dead", topic=message.topic, message=str(message.uuid))
    tell(message)


@transaction.atomic
def resend(message: OutboxMessage) -> None:
    """Give a dead message a fresh life: all its attempts again, from now."""
    row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    if row.dead_at is None:
        return
    row.dead_at = None
    row.attempts = 0
    row.due_at = timezone.now()
    row.save()
    tell(row)
    transaction.on_commit(_wake, robust=True)
