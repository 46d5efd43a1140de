"""Requests handed to SFR's service, which fails in every way: each is activated once there."""

import logging
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from activation import moves, services
from activation.exchange import batches
from activation.exchange.http import TRANSMIT_TOPIC
from activation.models import Batch, MessageTask
from activation.states import State
from portal.outbox.models import OutboxMessage
from portal.outbox.services import resend
from tests.activation import factories
from tests.activation.gateway_world import accepted, relay, settle, state, transmitted
from tests.support.standin import StandIn, standin

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _process() -> Iterator[StandIn]:
    with standin() as one:
        yield one


@pytest.fixture
def sfr(_process: StandIn, settings: Any) -> StandIn:
    """Return SFR's service."""
    settle(settings, _process)
    return _process


def keys(sfr: StandIn) -> list[str]:
    return [call["key"] for call in sfr.calls()]


def test_a_batch_is_one_message_a_request_and_no_word_of_a_person(sfr: StandIn) -> None:
    by = factories.operator()
    rows = [factories.request() for _ in range(3)]

    made = batches.make(by=by, key=uuid.uuid4(), chosen=[row.uuid for row in rows])

    waiting = OutboxMessage.objects.filter(topic=TRANSMIT_TOPIC)
    sent = made.batch.transmissions.order_by("position")
    assert made.batch.gateway == Batch.Gateway.HTTP
    assert [one.payload for one in waiting.order_by("pk")] == [
        {"transmission": str(one.key)} for one in sent
    ]
    relay()
    assert [accepted(one) for one in sent] == [True, True, True]
    assert keys(sfr)[-3:] == [str(one.key) for one in sent]


def test_sfr_gets_what_the_request_asks(sfr: StandIn) -> None:
    sent = transmitted(rio=factories.rio_of("0612345678"), language="en")

    relay()

    call, row = sfr.calls()[-1], sent.request
    assert (call["path"], call["Authorization"]) == ("/activations", "Bearer the-token")
    assert call["content"] == {
        "key": str(sent.key),
        "reference": row.reference,
        "iccid": row.iccid,
        "civility": "madame",
        "last_name": row.last_name,
        "first_name": row.first_name,
        "birth_date": row.birth_date,
        "birth_department": "59",
        "birth_country": "",
        "portability": True,
        "current_number": "+33612345678",
        "rio": factories.rio_of("0612345678"),
        "contact_phone": "+33612345678",
        "callback_url": "http://localhost:8000/retours/sfr/",
    }


@pytest.mark.parametrize(
    "step",
    [
        {"status": 500, "take": False},
        {"status": 500},
        {"status": 429, "take": False},
        {"drop": True},
        {"drop": True, "take": False},
        {"delay": 1.5},
    ],
    ids=["error", "taken yet error", "too many", "taken yet cut", "cut", "slow"],
)
def test_whatever_fails_is_tried_again_under_the_same_key_and_activated_once(
    sfr: StandIn, step: dict[str, Any]
) -> None:
    sent = transmitted()
    before = len(sfr.taken())
    sfr.plan(step, step)
    start = time.monotonic()

    assert [relay().last_error != "", accepted(sent)] == [True, False]
    assert time.monotonic() - start < 1.4
    assert [relay().attempts, accepted(sent)] == [2, False]
    message = relay()

    assert (message.attempts, message.last_error, accepted(sent)) == (3, "", True)
    assert keys(sfr)[-3:] == [str(sent.key)] * 3
    assert len(sfr.taken()) == before + 1
    assert state(sent) == State.TRANSMITTED


def test_a_service_that_is_down_leaves_the_request_transmitted_and_to_be_tried(
    sfr: StandIn, settings: Any
) -> None:
    settings.OPERATOR_HTTP_URL = "http://127.0.0.1:1/activations"
    sent = transmitted()

    message = relay()

    assert (message.last_error, message.dead_at, message.delivered_at) == (
        "ConnectionError",
        None,
        None,
    )
    assert (state(sent), accepted(sent)) == (State.TRANSMITTED, False)


def test_a_transmission_that_sfr_has_already_is_accepted(sfr: StandIn) -> None:
    sent = transmitted()
    sfr.plan({"status": 409})

    relay()

    assert accepted(sent)


def test_a_refusal_for_good_is_a_task_until_it_is_sent_again(sfr: StandIn) -> None:
    sent = transmitted()
    sfr.plan({"status": 422, "take": False})

    message = relay()

    task = MessageTask.objects.get()
    assert message.dead_at is not None
    assert (task.request, task.channel, task.message) == (sent.request, "sfr", message.uuid)
    assert (state(sent), accepted(sent)) == (State.TRANSMITTED, False)
    resend(message)
    assert not MessageTask.objects.exists()
    relay()
    assert accepted(sent)


def test_what_an_operator_has_settled_meanwhile_is_not_handed_over(sfr: StandIn) -> None:
    sent, by = transmitted(), factories.operator()
    before = len(sfr.calls())
    moves.move(sent.request, State.REFUSED, by=by, reason="Carte perdue")

    message = relay()

    assert message.delivered_at is not None
    assert (len(sfr.calls()), accepted(sent)) == (before, False)


def test_of_two_transmissions_of_a_request_the_last_alone_is_handed_over(sfr: StandIn) -> None:
    first, by = transmitted(), factories.operator()
    row = moves.move(first.request, State.TO_CORRECT, by=by, reason="Nom illisible")
    services.resubmit(row, factories.application(iccid=row.iccid), by=row.created_by)
    last = batches.make(by=by, key=uuid.uuid4(), chosen=[row.uuid]).batch.transmissions.get()
    before = len(sfr.calls())

    relay()

    assert keys(sfr)[before:] == [str(last.key)]
    assert [accepted(first), accepted(last)] == [False, True]


def test_no_log_line_quotes_what_sfr_got_or_refused(
    sfr: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    sent = transmitted(rio=factories.rio_of("0612345678"))
    row = sent.request
    sfr.plan({"status": 500}, {"drop": True}, {"delay": 1.5}, {"status": 422})
    caplog.set_level(logging.DEBUG)

    errors = [relay().last_error for _ in range(4)]

    assert errors == ["Unavailable", "ConnectionError", "ReadTimeout", "PermanentFailure"]
    written = caplog.text
    secrets = (row.iccid, row.last_name, row.rio, "0612345678", "612345678", "the-token")
    assert str(OutboxMessage.objects.get(topic=TRANSMIT_TOPIC).uuid) in written
    assert [one for one in secrets if one in written] == []
