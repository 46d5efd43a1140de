"""What SFR's service tells us: believed when signed, applied once, in whatever order it comes."""

import datetime as dt
import json
import time
import uuid
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from activation import services
from activation.exchange import batches
from activation.models import (
    ActivationEvent,
    ActivationRequest,
    Callback,
    MessageTask,
    Transmission,
)
from activation.moves import EMAIL_TOPIC, SMS_TOPIC
from activation.states import State
from portal.outbox.models import OutboxMessage
from portal.outbox.signatures import sign
from tests.activation import factories
from tests.activation.gateway_world import LINE, SECRET, accepted, state, transmitted

pytestmark = pytest.mark.django_db
URL = "/retours/sfr/"
REASON = "Carte déjà active"


@pytest.fixture(autouse=True)
def _secret(settings: Any) -> None:
    settings.OPERATOR_GATEWAY = "activation.exchange.http.HttpGateway"
    settings.OPERATOR_CALLBACK_SECRET = [SECRET]


def post(content: object, *, secret: str = SECRET, age: float = 0) -> HttpResponse:
    """Send a signed body, as SFR does: no session, no token."""
    body = json.dumps(content).encode()
    timestamp = str(int(time.time() - age))
    headers = {
        "X-Espace-Timestamp": timestamp,
        "X-Espace-Signature": sign(body, secret=secret, timestamp=timestamp),
    }
    client = Client(enforce_csrf_checks=True)
    return client.post(URL, body, content_type="application/json", headers=headers)


def message(sent: Transmission, status: str, **fields: Any) -> dict[str, Any]:
    """Return what SFR says of a transmission; each is another event."""
    given = {"event": uuid.uuid4().hex, "key": str(sent.key), "status": status}
    if status == "activated":
        given["line_number"] = LINE
    elif status in {"refused", "to_correct"}:
        given["reason"] = REASON
    return given | fields


def say(sent: Transmission, status: str, **fields: Any) -> tuple[int, str]:
    """Say it, and return the answer."""
    answer = post(message(sent, status, **fields))
    return answer.status_code, answer.json()["outcome"]


def in_days(number: int) -> str:
    return str(timezone.localdate() + dt.timedelta(days=number))


def ported() -> Transmission:
    return transmitted(rio=factories.rio_of("0612345678"))


def texts() -> dict[str, int]:
    """Count the messages to the beneficiary and to the partner."""
    counted = OutboxMessage.objects.filter(topic__in=[SMS_TOPIC, EMAIL_TOPIC])
    topics = list(counted.values_list("topic", flat=True))
    return {"sms": topics.count(SMS_TOPIC), "email": topics.count(EMAIL_TOPIC)}


def test_an_activated_line_closes_the_request_and_its_messages_leave() -> None:
    sent = transmitted()

    assert say(sent, "activated") == (200, "applied")

    row = ActivationRequest.objects.get(pk=sent.request_id)
    last = ActivationEvent.objects.filter(request=row).latest("pk")
    assert (row.state, row.line_number) == ("activated", LINE)
    assert (last.to, last.by) == ("activated", None)
    assert texts() == {"sms": 1, "email": 1}
    sent.refresh_from_db()
    assert sent.accepted_at is not None
    assert sent.answered_at is not None


@pytest.mark.parametrize("status", ["refused", "to_correct"])
def test_a_reason_reaches_the_structure(status: str) -> None:
    sent = transmitted()

    assert say(sent, status, reason=f"  {REASON} ") == (200, "applied")

    row = ActivationRequest.objects.get(pk=sent.request_id)
    assert (row.state, row.reason) == (status, REASON)


def test_a_portability_has_its_date_then_its_line() -> None:
    sent = ported()

    said = [
        say(sent, "porting", porting_on=in_days(4)),
        say(sent, "activated", line_number="+33612345678"),
    ]

    row = ActivationRequest.objects.get(pk=sent.request_id)
    assert said == [(200, "applied"), (200, "applied")]
    assert (row.state, str(row.porting_on)) == ("activated", in_days(4))


def test_the_same_event_again_changes_nothing_and_gets_the_same_answer() -> None:
    sent = transmitted()
    told = message(sent, "activated")
    post(told)
    events = ActivationEvent.objects.count()

    again = post(told | {"status": "refused", "reason": REASON})

    assert (again.status_code, again.json()) == (200, {"outcome": "applied"})
    assert state(sent) == State.ACTIVATED
    assert (ActivationEvent.objects.count(), Callback.objects.count()) == (events, 1)
    assert texts() == {"sms": 1, "email": 1}


def test_the_same_answer_in_another_event_is_known_already() -> None:
    sent = transmitted()
    say(sent, "activated")

    assert say(sent, "activated") == (200, "already")
    assert texts() == {"sms": 1, "email": 1}
    assert not MessageTask.objects.exists()


def test_a_portability_told_after_the_activation_is_left_alone() -> None:
    sent = ported()
    say(sent, "activated", line_number="+33612345678")

    assert say(sent, "porting", porting_on=in_days(4)) == (200, "contradictory")

    assert state(sent) == State.ACTIVATED
    assert not MessageTask.objects.exists()  # it only comes late


def test_what_sfr_counts_lower_than_the_last_is_outdated() -> None:
    sent = ported()
    dates = [(2, 9), (1, 4), (3, 7)]

    said = [
        say(sent, "porting", porting_on=in_days(days), sequence=rank)[1] for rank, days in dates
    ]

    row = ActivationRequest.objects.get(pk=sent.request_id)
    assert said == ["applied", "outdated", "applied"]
    assert str(row.porting_on) == in_days(7)


@pytest.mark.parametrize(
    ("first", "second"),
    [("activated", "refused"), ("refused", "activated"), ("to_correct", "activated")],
)
def test_a_contradiction_is_left_alone_and_an_operator_looks_at_it(first: str, second: str) -> None:
    sent = transmitted()
    say(sent, first)

    assert say(sent, second) == (200, "contradictory")

    task = MessageTask.objects.get()
    assert state(sent) == State(first)
    assert (task.request_id, task.channel) == (sent.request_id, "answer")


def test_an_answer_to_a_transmission_that_another_replaced_does_not_touch_the_request() -> None:
    first, by = transmitted(), factories.operator()
    say(first, "to_correct")
    row = ActivationRequest.objects.get(pk=first.request_id)
    services.resubmit(row, factories.application(), by=row.created_by)  # with another card
    batches.make(by=by, key=uuid.uuid4(), chosen=[row.uuid])

    assert say(first, "refused") == (200, "outdated")
    assert not MessageTask.objects.exists()
    assert say(first, "activated") == (200, "outdated")
    assert [task.channel for task in MessageTask.objects.all()] == ["answer"]
    assert state(first) == State.TRANSMITTED


def test_an_event_that_names_two_transmissions_is_refused() -> None:
    one, other = transmitted(), transmitted()
    told = message(one, "activated")
    post(told)

    assert post(told | {"key": str(other.key)}).status_code == 409
    assert state(other) == State.TRANSMITTED


@pytest.mark.parametrize("key", [str(uuid.uuid4()), "", "no-uuid"])
def test_a_key_of_nobodys_gets_no_word(key: str) -> None:
    sent = transmitted()

    answer = post(message(sent, "activated", key=key))

    assert (answer.status_code, answer.content) == (404, b"")
    assert state(sent) == State.TRANSMITTED


@pytest.mark.parametrize("options", [{"secret": "another"}, {"secret": ""}, {"age": 400}])
def test_what_is_not_signed_well_is_refused(options: dict[str, Any]) -> None:
    sent = transmitted()

    assert post(message(sent, "activated"), **options).status_code == 403
    assert (state(sent), Callback.objects.count()) == (State.TRANSMITTED, 0)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"event": ""}, "«\u00a0event\u00a0» manque."),
        ({"event": "x" * 65}, "«\u00a0event\u00a0» est un texte de 64 caractères au plus."),
        ({"event": 12}, "«\u00a0event\u00a0» est un texte de 64 caractères au plus."),
        (
            {"status": "Activée"},
            "«\u00a0status\u00a0» est un mot parmi\u00a0: activated, refused, porting, to_correct.",
        ),
        ({"line_number": ""}, "Le numéro de la ligne activée manque\u00a0: complétez-le."),
        (
            {"line_number": "07 55 66"},
            "Numéro de la ligne\u00a0: Il manque 4 chiffres\u00a0: un numéro de portable compte "
            "10 chiffres.",
        ),
        (
            {"status": "refused", "reason": " "},
            "Le motif manque\u00a0: complétez-le, la structure en a besoin pour avancer.",
        ),
        ({"reason": "x" * 2001}, "«\u00a0reason\u00a0» est un texte de 2000 caractères au plus."),
        ({"porting_on": "31/12"}, "«\u00a0porting_on\u00a0» est une date\u00a0: AAAA-MM-JJ."),
        ({"sequence": -1}, "«\u00a0sequence\u00a0» est un nombre entier, 0 ou plus."),
        ({"sequence": True}, "«\u00a0sequence\u00a0» est un nombre entier, 0 ou plus."),
        ({"sequence": 2**31}, "«\u00a0sequence\u00a0» est un nombre entier, 0 ou plus."),
    ],
)
def test_what_cannot_be_read_is_told_why_and_may_come_again_mended(
    fields: dict[str, Any], sentence: str
) -> None:
    sent = transmitted()
    told = message(sent, "activated")

    answer = post(told | fields)

    assert (answer.status_code, answer.json()) == (400, {"error": sentence})
    assert (state(sent), accepted(sent), Callback.objects.count()) == ("transmitted", False, 0)
    assert post(told).json() == {"outcome": "applied"}


def test_the_rows_hold_nothing_of_the_beneficiary() -> None:
    sent = transmitted()
    say(sent, "to_correct", reason="Nom illisible de Zébulonne")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM activation_callback")
        rows = str(cursor.fetchall())
        cursor.execute("SELECT payload::text FROM outbox_outboxmessage")
        rows += str(cursor.fetchall())

    kept = (sent.request.iccid, "bulonne", REASON, LINE)
    assert [one for one in kept if one in rows] == []
