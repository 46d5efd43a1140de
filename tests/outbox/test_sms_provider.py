"""SMS through a provider over HTTP: sent once, tried again where it helps, given up where not."""

import datetime as dt
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from portal.outbox import services
from portal.outbox.mail import send_sms
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.outbox.services import deliver_due, enqueue
from tests.support.standin import StandIn

pytestmark = pytest.mark.django_db
TOPIC = "tests.sms"
TO, TEXT = "+33612345678", "Votre ligne est activée."
told: list[tuple[uuid.UUID, bool]] = []


@pytest.fixture(autouse=True)
def _topic() -> Iterator[None]:
    told.clear()
    services.handler(TOPIC)(lambda one: send_sms(key=str(one.uuid), to=TO, text=TEXT))
    services.undeliverable(TOPIC)(lambda one: told.append((one.uuid, one.dead_at is not None)))
    yield
    services._handlers.pop(TOPIC)
    services._watchers.pop(TOPIC)


def sent() -> OutboxMessage:
    """Return a message that the relay has tried once."""
    message = enqueue(TOPIC, {})
    deliver_due()
    message.refresh_from_db()
    return message


def tried_again(message: OutboxMessage) -> OutboxMessage:
    """Return it after the next attempt."""
    OutboxMessage.objects.update(due_at=timezone.now() - dt.timedelta(seconds=1))
    deliver_due()
    message.refresh_from_db()
    return message


def test_the_provider_gets_one_message_with_its_key_and_where_to_report(
    provider: StandIn,
) -> None:
    message = sent()

    call = provider.calls()[-1]
    assert message.delivered_at is not None
    assert (call["path"], call["key"], call["Authorization"]) == (
        "/sms",
        str(message.uuid),
        "Bearer the-token",
    )
    assert call["content"] == {
        "to": TO,
        "from": "EMMAUS",
        "text": TEXT,
        "key": str(message.uuid),
        "report_url": "http://localhost:8000/retours/sms/",
    }


def test_the_machines_netrc_does_not_replace_the_token(
    provider: StandIn, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    sent()

    assert provider.calls()[-1]["Authorization"] == "Bearer the-token"


@pytest.mark.parametrize(
    "step",
    [
        {"status": 500, "take": False},
        {"status": 503},
        {"status": 429, "take": False},
        {"status": 401, "take": False},
        {"status": 302, "take": False},
        {"drop": True},
        {"drop": True, "take": False},
        {"delay": 1.5},
    ],
    ids=["error", "taken yet error", "too many", "token", "moved", "taken yet cut", "cut", "slow"],
)
def test_a_failure_that_may_pass_is_tried_again_and_gives_one_sms(
    provider: StandIn, step: dict[str, Any]
) -> None:
    provider.plan(step)
    start = time.monotonic()

    message = sent()

    assert time.monotonic() - start < 1.4  # the relay holds its row no longer than the timeout
    assert (message.delivered_at, message.dead_at) == (None, None)
    assert not JournalEntry.objects.exists()
    message = tried_again(message)
    assert message.delivered_at is not None
    assert provider.taken()[str(message.uuid)]["to"] == TO
    assert [call["key"] for call in provider.calls()[-2:]] == [str(message.uuid)] * 2
    assert told == []


@pytest.mark.parametrize("status", [400, 410, 413, 422])
def test_a_refusal_for_good_is_given_up_at_once(provider: StandIn, status: int) -> None:
    provider.plan({"status": status, "take": False})

    message = sent()

    assert (message.attempts, message.last_error) == (1, "PermanentFailure")
    assert message.dead_at is not None
    assert told == [(message.uuid, True)]


def test_a_message_that_the_provider_has_already_is_sent(provider: StandIn) -> None:
    provider.plan({"status": 409})

    assert sent().delivered_at is not None


def test_a_watcher_that_fails_stops_no_other_message(provider: StandIn) -> None:
    def fail(message: OutboxMessage) -> None:
        OutboxMessage.objects.create(topic=TOPIC)
        raise ValueError

    services._watchers[TOPIC] = fail
    provider.plan({"status": 422})
    first, second = enqueue(TOPIC, {}), enqueue(TOPIC, {})

    assert deliver_due() == 2

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.dead_at is not None
    assert second.delivered_at is not None
    assert OutboxMessage.objects.filter(topic=TOPIC).count() == 2


def test_a_dead_message_sent_again_is_no_longer_undeliverable(provider: StandIn) -> None:
    provider.plan({"status": 422, "take": False})
    message = sent()

    services.resend(message)
    deliver_due()

    message.refresh_from_db()
    assert message.delivered_at is not None
    assert told == [(message.uuid, True), (message.uuid, False)]
    # It never left: the provider gets the same key.
    assert [call["key"] for call in provider.calls()[-2:]] == [str(message.uuid)] * 2
