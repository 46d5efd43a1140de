"""The exchange with SFR when several act at the same second, and when a process dies."""

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import F

from activation import moves
from activation.exchange import batches, imports
from activation.exchange.answers import Answer, Meaning, Outcome, apply_each
from activation.exchange.batches import NothingReady
from activation.models import ActivationEvent, ActivationRequest, AnswerSheet, Batch, Transmission
from activation.states import State
from portal.outbox.models import OutboxMessage
from tests.activation import factories
from tests.activation.test_exchange_batches import ready
from tests.support.server import ROOT, variables

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run each in a thread with its own connection, from the same moment; return the answers."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        start.wait()
        try:
            return work()
        except (NothingReady, moves.MoveRefused) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_answers_and_an_operator_at_the_same_second_leave_one_consistent_state() -> None:
    by, holder = factories.operator(), factories.operator()
    rows = [factories.request(State.TRANSMITTED, taken_by=holder) for _ in range(16)]
    OutboxMessage.objects.all().delete()
    answers = [Answer(row.iccid, Meaning.ACTIVATED, line_number="0755667788") for row in rows]

    def import_them() -> Counter[Outcome]:
        return Counter(apply_each([one], by=by)[0].outcome for one in answers)

    def refuse_them() -> int:
        refused = 0
        for row in reversed(rows):
            try:
                moves.move(row, State.REFUSED, by=holder, reason="Carte déjà active")
                refused += 1
            except moves.MoveRefused:
                continue
        return refused

    told, refused = at_once(import_them, refuse_them)
    assert isinstance(told, Counter)
    states = Counter(ActivationRequest.objects.values_list("state", flat=True))
    assert states == Counter({State.ACTIVATED: told[Outcome.APPLIED], State.REFUSED: refused})
    assert told[Outcome.APPLIED] + told[Outcome.CONTRADICTORY] == len(rows)
    closing = ActivationEvent.objects.filter(origin=State.TRANSMITTED)
    assert Counter(closing.values_list("request", flat=True)) == Counter(row.pk for row in rows)
    sms = OutboxMessage.objects.filter(topic=moves.SMS_TOPIC)
    assert sorted(one.payload["request"] for one in sms) == sorted(
        str(row.uuid) for row in ActivationRequest.objects.filter(state=State.ACTIVATED)
    )


def test_the_same_file_applied_by_two_at_once_is_applied_once() -> None:
    by = factories.operator()
    rows = [factories.request(State.TRANSMITTED, taken_by=by) for _ in range(6)]
    OutboxMessage.objects.all().delete()
    sheet = AnswerSheet.objects.create(
        by=by,
        content=imports.packed(
            [
                imports.Line(number, Answer(row.iccid, Meaning.ACTIVATED, line_number="0755667788"))
                for number, row in enumerate(rows, start=2)
            ]
        ),
        counts={"lines": 6, "done": 0},
    )
    at_once(*[lambda: imports.apply(sheet.pk)] * 3)
    sheet.refresh_from_db()
    assert (sheet.content, sheet.counts["applied"], sheet.counts["done"]) == ("", 6, 6)
    assert OutboxMessage.objects.filter(topic=moves.SMS_TOPIC).count() == 6


def test_two_operators_who_press_at_once_share_no_request() -> None:
    rows = [ready() for _ in range(12)]
    people = [factories.operator() for _ in range(3)]
    chosen = [{row.uuid for row in rows[start : start + 8]} for start in (0, 2, 4)]
    at_once(
        *[
            lambda by=by, wanted=wanted: batches.make(by=by, key=uuid.uuid4(), chosen=wanted)
            for by, wanted in zip(people, chosen, strict=True)
        ]
    )
    sent = Transmission.objects.values_list("request", flat=True)
    assert sorted(sent) == sorted(row.pk for row in rows)
    assert set(ActivationRequest.objects.values_list("state", flat=True)) == {State.TRANSMITTED}
    wrong = Transmission.objects.exclude(request__taken_by=F("batch__created_by"))
    assert list(wrong) == []


def test_a_double_click_is_one_batch() -> None:
    by, key = factories.operator(), uuid.uuid4()
    for _ in range(4):
        ready()
    made = at_once(*[lambda: batches.make(by=by, key=key)] * 4)
    assert {one.batch for one in made if isinstance(one, batches.Made)} == {Batch.objects.get()}
    assert Transmission.objects.count() == 4


def run(key: uuid.UUID, operator: int, gateway: str) -> int:
    """Make a batch in a process of its own; return how it ended."""
    command = [sys.executable, "-m", "tests.concurrency.deadly.batch", str(key), str(operator)]
    environment = os.environ | variables() | {"OPERATOR_GATEWAY": gateway}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def test_a_process_killed_between_transmission_and_marking_leaves_nothing_half_done() -> None:
    by, key = factories.operator(), uuid.uuid4()
    rows = [ready() for _ in range(3)]
    events = ActivationEvent.objects.count()

    died = run(key, by.pk, "tests.concurrency.deadly.gateway.DeadlyGateway")
    assert died == -signal.SIGKILL
    assert (Batch.objects.count(), Transmission.objects.count()) == (0, 0)
    assert set(ActivationRequest.objects.values_list("state", "taken_by")) == {("submitted", None)}
    assert ActivationEvent.objects.count() == events

    assert run(key, by.pk, "activation.exchange.files.FileGateway") == 0
    assert run(key, by.pk, "activation.exchange.files.FileGateway") == 0
    batch = Batch.objects.get()
    assert set(batch.transmissions.values_list("request", flat=True)) == {row.pk for row in rows}
    assert set(ActivationRequest.objects.values_list("state", flat=True)) == {State.TRANSMITTED}
