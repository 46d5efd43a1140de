"""SFR's service against our real processes: copies at once, an answer overtaken, ``kill -9``."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from activation.models import ActivationEvent, Callback
from activation.moves import SMS_TOPIC
from activation.states import State
from portal.celery import app
from portal.embedded.processes import dies_with_parent
from portal.outbox.models import OutboxMessage
from portal.outbox.tasks import sweep
from tests.activation import factories
from tests.activation.gateway_world import (
    LINE,
    SECRET,
    accepted,
    environment,
    relay,
    settle,
    state,
    transmitted,
)
from tests.support.server import ROOT, StartServer, variables
from tests.support.standin import StandIn, standin

QUEUED = {"CELERY_TASK_ALWAYS_EAGER": "0"}


@pytest.fixture(scope="module")
def _process() -> Iterator[StandIn]:
    with standin() as one:
        yield one


@pytest.fixture
def sfr(transactional_db: None, _process: StandIn, settings: Any) -> Iterator[StandIn]:
    """Return SFR's service; tasks wait in the queue, as in production."""
    settle(settings, _process)
    app.conf.task_always_eager = False
    yield _process
    app.control.purge()
    app.conf.task_always_eager = True


@pytest.fixture
def told(sfr: StandIn, start_server: StartServer) -> Iterator[Callable[..., list[int]]]:
    """Return a function that has SFR's process speak to our server, and gives its answers."""
    with start_server(environment=environment(sfr) | QUEUED) as url:

        def tell(content: dict[str, Any], **options: Any) -> list[int]:
            return sfr.tell(f"{url}/retours/sfr/", content, **{"secret": SECRET, **options})

        yield tell


def activated(key: object, **fields: Any) -> dict[str, Any]:
    event = uuid.uuid4().hex
    given = {"event": event, "key": str(key), "status": "activated", "line_number": LINE}
    return given | fields


def test_our_server_believes_what_is_signed_and_does_it_once(
    told: Callable[..., list[int]],
) -> None:
    sent = transmitted()
    ported = transmitted(rio=factories.rio_of("0612345678"))
    says = activated(sent.key)
    porting = activated(ported.key, status="porting", line_number="")

    refused = [
        told(says, secret="another secret"),
        told(says, age=400),
        told(says, age=-400),
        told(says, spoiled=True),
    ]
    assert refused == [[403]] * 4
    assert told(activated(uuid.uuid4())) == [404]
    assert told("{") == [400]
    assert (state(sent), Callback.objects.count()) == (State.TRANSMITTED, 0)

    assert told(says, times=8) == [200] * 8
    assert told(activated(sent.key), times=4) == [200] * 4
    assert told(activated(ported.key, line_number="+33612345678")) == [200]
    assert told(porting) == [200]

    assert [state(sent), state(ported)] == [State.ACTIVATED, State.ACTIVATED]
    moved = ActivationEvent.objects.filter(to=State.ACTIVATED)
    assert (moved.count(), Callback.objects.count()) == (2, 4)
    assert OutboxMessage.objects.filter(topic=SMS_TOPIC).count() == 2


def test_an_answer_that_overtakes_our_own_is_kept(
    sfr: StandIn, told: Callable[..., list[int]]
) -> None:
    sent = transmitted()
    sfr.plan({"delay": 0.8})

    with in_thread(relay):
        wait_until(lambda: str(sent.key) in sfr.taken())
        answers = told(activated(sent.key))

    assert answers == [200]
    assert (state(sent), accepted(sent)) == (State.ACTIVATED, True)
    assert relay().delivered_at is not None


def test_a_worker_killed_between_transmission_and_mark_activates_one_line(sfr: StandIn) -> None:
    sent = transmitted()
    sfr.plan({"delay": 30})

    with worker(environment(sfr, timeout=20)) as process:
        wait_until(lambda: str(sent.key) in sfr.taken())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    waiting = relay_row()
    assert (waiting.delivered_at, waiting.attempts) == (None, 0)  # as if it had never been tried
    assert (state(sent), accepted(sent)) == (State.TRANSMITTED, False)
    before = len(sfr.taken())
    relay()
    assert accepted(sent)
    mine = [call for call in sfr.calls() if call["content"]["reference"] == sent.request.reference]
    assert [call["key"] for call in mine] == [str(sent.key)] * 2
    assert len(sfr.taken()) == before
    assert state(sent) == State.TRANSMITTED


def relay_row() -> OutboxMessage:
    """Return the message of the transmission, as the killed worker left it."""
    return OutboxMessage.objects.get(topic="activation.transmit")


@contextlib.contextmanager
def in_thread(act: Callable[[], object]) -> Iterator[None]:
    """Do something meanwhile, over a connection of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@contextlib.contextmanager
def worker(extra: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Celery worker, with beat's order to sweep the outbox in its queue."""
    sweep.delay()
    command = [sys.executable, "-W", "ignore::Warning:celery.platforms", "-m", "celery"]
    command += ["--app", "portal", "--quiet", "worker", "--pool", "solo"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | variables() | extra | QUEUED,
        stdin=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], object], seconds: float = 30) -> None:
    """Wait for other processes."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(0.05)
