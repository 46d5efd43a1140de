"""Delivery reports: signed, recent, small; what they say of a message counts once."""

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from portal.outbox import services
from portal.outbox.mail import send_sms
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.outbox.services import deliver_due, enqueue
from portal.outbox.signatures import LONGEST, WINDOW, sign
from tests.outbox.conftest import SECRET
from tests.support.standin import StandIn

pytestmark = pytest.mark.django_db
TOPIC = "tests.reported"
URL = "/retours/sms/"
told: list[bool] = []


@pytest.fixture(autouse=True)
def _topic(settings: Any) -> Iterator[None]:
    told.clear()
    settings.SMS_REPORT_SECRET = [SECRET]
    send = {"to": "+33612345678", "text": "Votre ligne est activée."}
    services.handler(TOPIC)(lambda one: send_sms(key=str(one.uuid), **send))
    services.undeliverable(TOPIC)(lambda one: told.append(one.dead_at is not None))
    yield
    services._handlers.pop(TOPIC)
    services._watchers.pop(TOPIC)


@pytest.fixture
def message() -> OutboxMessage:
    """Return a message that left."""
    made = enqueue(TOPIC, {})
    deliver_due()
    return made


def post(body: bytes, *, secret: str = SECRET, age: float = 0, **headers: str) -> HttpResponse:
    """Send a body, signed, as the provider does: no session, no token."""
    timestamp = str(int(time.time() - age))
    signature = sign(body, secret=secret, timestamp=timestamp)
    given = {"X-Espace-Timestamp": timestamp, "X-Espace-Signature": signature, **headers}
    client = Client(enforce_csrf_checks=True)
    return client.post(URL, body, content_type="application/json", headers=given)


def report(key: object, status: str, **options: Any) -> int:
    """Report, and return the status of the answer."""
    return post(json.dumps({"key": str(key), "status": status}).encode(), **options).status_code


def states(message: OutboxMessage) -> tuple[str, bool, bool]:
    """Return the journal's status, and whether the message is delivered, and dead."""
    message.refresh_from_db()
    entry = JournalEntry.objects.order_by("pk").last()
    assert entry is not None
    return entry.status, message.delivered_at is not None, message.dead_at is not None


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["sent"], ("sent", True, False)),
        (["delivered"], ("delivered", True, False)),
        (["Delivered"], ("delivered", True, False)),
        (["failed"], ("failed", False, True)),
        (["sent", "expired"], ("failed", False, True)),
        (["rejected", "failed", "failed"], ("failed", False, True)),
        (["delivered", "delivered", "sent"], ("delivered", True, False)),
        (["delivered", "failed"], ("delivered", True, False)),
        (["failed", "sent"], ("failed", False, True)),
        (["failed", "delivered"], ("delivered", True, False)),
    ],
)
def test_what_says_most_stays_in_whatever_order_it_comes(
    message: OutboxMessage, words: list[str], state: tuple[str, bool, bool]
) -> None:
    assert [report(message.uuid, word) for word in words] == [204] * len(words)

    assert states(message) == state


def test_a_failed_delivery_is_told_once_and_taken_back_when_it_arrives(
    message: OutboxMessage,
) -> None:
    for word in ("failed", "expired", "delivered", "delivered"):
        report(message.uuid, word)

    message.refresh_from_db()
    assert told == [True, False]
    assert message.last_error == ""


def test_a_message_reported_as_failed_is_sent_again_under_another_key(
    provider: StandIn,
) -> None:
    message = enqueue(TOPIC, {})
    deliver_due()
    report(message.uuid, "failed")

    services.resend(message)
    deliver_due()

    keys = [call["key"] for call in provider.calls()[-2:]]
    assert keys == [str(message.uuid), f"{message.uuid}.2"]
    assert report(f"{message.uuid}.2", "failed") == 204
    assert states(message) == ("failed", False, True)
    assert told == [True, False, True]


def test_a_message_that_arrives_while_it_waits_to_be_sent_again_is_not_sent(
    message: OutboxMessage,
) -> None:
    report(message.uuid, "failed")
    services.resend(message)

    report(message.uuid, "delivered")

    assert deliver_due() == 0
    assert states(message) == ("delivered", True, False)
    assert JournalEntry.objects.count() == 1


@pytest.mark.parametrize(
    "options",
    [
        {"secret": "another secret"},
        {"secret": ""},
        {"age": WINDOW + 5},
        {"age": -WINDOW - 5},
        {"X-Espace-Timestamp": ""},
        {"X-Espace-Timestamp": "hier"},
        {"X-Espace-Timestamp": "1e9"},
        {"X-Espace-Timestamp": "9" * 400},
        {"X-Espace-Signature": ""},
        {"X-Espace-Signature": "sha256=é"},
    ],
)
def test_a_report_that_is_not_signed_well_is_refused(
    message: OutboxMessage, options: dict[str, Any]
) -> None:
    assert report(message.uuid, "failed", **options) == 403
    assert states(message) == ("", True, False)


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_no_report_is_believed(
    message: OutboxMessage, settings: Any, secrets: list[str]
) -> None:
    settings.SMS_REPORT_SECRET = secrets

    assert report(message.uuid, "failed", secret="") == 403


def test_two_secrets_are_good_while_one_replaces_the_other(
    message: OutboxMessage, settings: Any
) -> None:
    settings.SMS_REPORT_SECRET = ["a new secret", SECRET]

    given = [report(message.uuid, "sent", secret=one) for one in ("a new secret", SECRET, "no")]

    assert given == [204, 204, 403]


def test_a_body_changed_after_signing_is_refused(message: OutboxMessage) -> None:
    body = json.dumps({"key": str(message.uuid), "status": "failed"}).encode()
    signature = sign(body, secret=SECRET, timestamp=str(int(time.time())))

    answer = post(body + b" ", **{"X-Espace-Signature": signature})

    assert answer.status_code == 403


@pytest.mark.parametrize("key", [uuid.uuid4(), "", "no-uuid", "x" * 150])
def test_a_key_of_nobodys_gets_no_word(message: OutboxMessage, key: object) -> None:
    answer = post(json.dumps({"key": str(key), "status": "failed"}).encode())

    assert (answer.status_code, answer.content) == (404, b"")


def test_an_e_mail_has_no_report(message: OutboxMessage) -> None:
    JournalEntry.objects.update(channel="email")

    assert report(message.uuid, "failed") == 404


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "Le corps n’est pas un objet JSON."),
        (b"\xff", "Le corps n’est pas un objet JSON."),
        (b"[]", "Le corps n’est pas un objet JSON."),
        (b'{"key": 5}', "«\u00a0key\u00a0» est un texte de 200 caractères au plus."),
        (b'{"key": "a\\u0000"}', "«\u00a0key\u00a0» est un texte de 200 caractères au plus."),
        (
            b'{"key": "a", "status": "lost"}',
            "«\u00a0status\u00a0» est un mot parmi\u00a0: "
            "sent, delivered, failed, expired, rejected.",
        ),
    ],
)
def test_a_signed_message_that_cannot_be_read_is_told_why(body: bytes, sentence: str) -> None:
    answer = post(body)

    assert (answer.status_code, answer.json()) == (400, {"error": sentence})


def test_a_long_body_is_not_read() -> None:
    assert post(b" " * (LONGEST + 1)).status_code == 413


def test_only_a_post_is_answered() -> None:
    assert Client().get(URL).status_code == 405


def test_a_report_that_overtakes_the_answer_is_asked_for_again(
    transactional_db: None, message: OutboxMessage
) -> None:
    def report_and_leave() -> int:
        try:
            return report(message.uuid, "delivered")
        finally:
            connection.close()

    with transaction.atomic():
        OutboxMessage.objects.select_for_update().get(pk=message.pk)

        with ThreadPoolExecutor(1) as pool:
            status = pool.submit(report_and_leave).result()

    assert status == 503
    assert report(message.uuid, "delivered") == 204
