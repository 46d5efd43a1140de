"""Closed requests are anonymised in time: nothing of anybody stays, and a proof says so."""

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from activation.applications import is_card_used
from activation.models import (
    PERSONAL,
    ActivationEvent,
    ActivationRequest,
    ActivationSettings,
    CheckOverride,
    MessageTask,
    PurgeProof,
)
from activation.privacy import anonymise
from activation.states import State
from activation.tasks import anonymise as task
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.outbox.services import deliver_due
from portal.outbox.tasks import purge_journal
from portal.privacy.crypto import fingerprint
from portal.privacy.models import AuditEntry
from tests.activation import factories
from tests.support.server import ROOT, variables

pytestmark = pytest.mark.django_db


def closed(days: float, state: State = State.ACTIVATED, **fields: Any) -> ActivationRequest:
    """Return a request closed so many days ago."""
    made = factories.request(state, **fields)
    made.closed_at = timezone.now() - dt.timedelta(days=days)
    made.save(update_fields=["closed_at"])
    return made


def many(count: int) -> None:
    """Write requests that were closed long ago."""
    model = closed(200, State.CANCELLED)
    columns = {one.name: getattr(model, one.name) for one in model._meta.concrete_fields}
    fresh = ("id", "uuid", "submission_key", "deadline_at")
    columns = {name: value for name, value in columns.items() if name not in fresh}
    ActivationRequest.objects.bulk_create(
        ActivationRequest(**columns, submission_key=f"00000000-0000-0000-0000-{rank:012}")
        for rank in range(count - 1)
    )


def test_nothing_of_the_person_stays_and_the_figures_do() -> None:
    number = "0612345678"
    request = closed(91, birth_department="99", birth_country="Mali", rio=factories.rio_of(number))
    who = request.created_by
    ActivationEvent.objects.filter(request=request).update(reason="Madame Zébulonne")
    CheckOverride.objects.create(
        request=request, check_code="same_person", reason="Vue avec Clémence", by=who
    )
    MessageTask.objects.create(
        request=request, channel="sms", message=request.uuid, note="Appelée au 06 12 34 56 78"
    )
    deliver_due()
    assert [bool(one.text) for one in JournalEntry.objects.all()] == [True, True]
    before = {name: getattr(request, name) for name in ("state", "submitted_at", "working_time")}

    task()

    request.refresh_from_db()
    assert {name: getattr(request, name) for name in PERSONAL} == dict.fromkeys(PERSONAL, "")
    assert request.person_fingerprint == ""
    assert {name: getattr(request, name) for name in before} == before
    notes = [*request.events.all(), *request.overrides.all()]
    assert {one.reason for one in notes} == {""}
    assert request.tasks.get().note == ""
    assert {(one.recipient, one.subject, one.text) for one in JournalEntry.objects.all()} == {
        ("", "", "")
    }


def test_its_messages_alone_leave_the_journal() -> None:
    old, recent = closed(91), closed(89)
    deliver_due()
    assert JournalEntry.objects.count() == 4
    sms = OutboxMessage.objects.get(topic__contains="sms", payload__request=str(old.uuid))
    JournalEntry.objects.create(key=f"{sms.uuid}.2", channel="sms", recipient="+33", text="bis")

    task()

    kept = [one.key for one in JournalEntry.objects.all() if one.text]
    wanted = OutboxMessage.objects.filter(payload__request=str(recent.uuid))
    assert sorted(kept) == sorted(str(one.uuid) for one in wanted)


def test_the_card_of_an_activated_line_is_used_up_for_ever() -> None:
    request = closed(91)
    card = request.iccid

    task()

    assert ActivationRequest.objects.get().iccid_fingerprint == fingerprint("iccid", card)
    assert is_card_used(card)


@pytest.mark.parametrize(
    ("days", "kept_for", "anonymised"), [(89.9, 90, 0), (90.1, 90, 1), (31, 30, 1), (700, 730, 0)]
)
def test_the_delay_is_a_setting(days: float, kept_for: int, anonymised: int) -> None:
    ActivationSettings.objects.update_or_create(pk=1, defaults={"retention_days": kept_for})
    closed(days)

    task()

    assert ActivationRequest.objects.exclude(anonymised_at=None).count() == anonymised


@pytest.mark.parametrize("state", [State.SUBMITTED, State.TRANSMITTED, State.TO_CORRECT])
def test_what_is_not_closed_waits_however_old(state: State) -> None:
    request = factories.request(state)
    ActivationRequest.objects.update(
        submitted_at=timezone.now() - dt.timedelta(days=800),
    )

    task()

    assert ActivationRequest.objects.get().last_name == request.last_name
    assert not PurgeProof.objects.exists()


def test_a_run_leaves_one_proof_that_can_be_checked_and_an_audit_entry() -> None:
    many(7)
    listed = sorted(str(one) for one in ActivationRequest.objects.values_list("uuid", flat=True))

    task()

    proof = PurgeProof.objects.get()
    text = "".join(f"{one}\n" for one in listed)
    assert (proof.number, proof.by) == (7, None)
    assert proof.digest == hashlib.sha256(text.encode()).hexdigest()
    assert anonymise.proves(proof)
    entry = AuditEntry.objects.get(action="activation.anonymised")
    assert (entry.target_id, entry.by) == (str(proof.pk), None)
    proof.number = 6
    assert not anonymise.proves(proof)


def test_run_again_it_changes_nothing() -> None:
    many(3)
    task()
    rows = list(ActivationRequest.objects.order_by("pk").values())

    task()

    assert list(ActivationRequest.objects.order_by("pk").values()) == rows
    assert PurgeProof.objects.count() == 1


def test_a_full_run_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymise, "BATCH", 2)
    many(11)

    proof = anonymise.run(most=5)

    assert proof is not None
    assert (proof.number, anonymise.proves(proof)) == (5, True)
    task()
    assert [one.number for one in PurgeProof.objects.order_by("pk")] == [5, 6]
    assert not ActivationRequest.objects.filter(anonymised_at=None).exists()


def test_a_late_message_says_nothing_of_a_request_anonymised_meanwhile() -> None:
    closed(91)
    task()

    deliver_due()

    assert [one for one in JournalEntry.objects.filter(channel="sms") if one.text] == []
    assert not OutboxMessage.objects.filter(delivered_at=None).exists()


def test_the_journal_forgets_after_a_year_what_was_written_to_whom(settings: Any) -> None:
    for days in (364, 366):
        made = JournalEntry.objects.create(
            key=f"essai-{days}", channel="email", recipient="a@b.fr", subject="S", text="T"
        )
        at = timezone.now() - dt.timedelta(days=days)
        JournalEntry.objects.filter(pk=made.pk).update(at=at)

    purge_journal()

    assert {
        one.key: (one.recipient, one.subject, one.text) for one in JournalEntry.objects.all()
    } == {
        "essai-364": ("a@b.fr", "S", "T"),
        "essai-366": ("", "", ""),
    }


# With others at work.


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_left_for_the_next_run() -> None:
    many(3)
    held = ActivationRequest.objects.order_by("pk").first()
    ready, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            ActivationRequest.objects.select_for_update().get(pk=held.pk)
            ready.set()
            done.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert ready.wait(20)
        first = anonymise.run()
    finally:
        done.set()
        holder.join()
    second = anonymise.run()

    assert [one.number for one in (first, second) if one] == [2, 1]
    assert not ActivationRequest.objects.filter(anonymised_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_killed_half_way_what_is_done_is_proven_and_the_next_run_goes_on() -> None:
    many(60)
    script = (
        "import django, time; django.setup()\n"
        "from activation.privacy import anonymise as a\n"
        "a.BATCH = 5; blank = a.blank\n"
        "def slowly(keys, *, at): time.sleep(0.05); blank(keys, at=at)\n"
        "a.blank = slowly; a.run()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ | variables()
    )
    deadline = time.monotonic() + 40
    while not PurgeProof.objects.filter(number__gte=10).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    first = PurgeProof.objects.get()
    assert (10 <= first.number < 60, anonymise.proves(first)) == (True, True)

    task()

    second = PurgeProof.objects.first()
    assert (first.number + second.number, anonymise.proves(second)) == (60, True)
    assert not ActivationRequest.objects.filter(anonymised_at=None).exists()


def test_no_row_of_an_anonymised_request_is_encrypted_any_more() -> None:
    closed(91, State.REFUSED)
    task()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM activation_activationrequest t")
        row = json.loads(cursor.fetchone()[0])
    assert [name for name, value in row.items() if str(value).startswith("gAAAA")] == []
