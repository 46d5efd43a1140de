"""Sending, correcting, revealing; delays; messages."""

import datetime as dt
import threading
import uuid

import pytest
import time_machine
from django.core import mail
from django.db import connection

from activation import checks, moves, services
from activation.applications import is_card_used
from activation.demo import STORIES, load
from activation.models import ActivationRequest, ActivationSettings
from activation.models.follow_up import Check
from activation.rules.delays import PARIS
from activation.states import State
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.structures.models import Structure
from portal.ui.errors import NotAllowed
from tests.activation import factories

SAME = Check.SAME_PERSON
FRIDAY = dt.datetime(2026, 11, 20, 15, tzinfo=PARIS)


@pytest.mark.django_db
def test_the_same_form_sent_twice_gives_one_request() -> None:
    structure = factories.structure()
    by, key, application = factories.member(structure), uuid.uuid4(), factories.application()
    sent = [services.submit(application, by=by, structure=structure, key=key) for _ in range(2)]
    assert sent[0] == sent[1]
    assert [event.to for event in sent[0].events.all()] == [State.SUBMITTED]


@pytest.mark.django_db
def test_the_same_form_filled_anew_for_another_card_gives_another_request() -> None:
    structure = factories.structure()
    by, key = factories.member(structure), uuid.uuid4()
    for _ in range(2):
        services.submit(factories.application(), by=by, structure=structure, key=key)
    assert ActivationRequest.objects.filter(structure=structure).count() == 2


@pytest.mark.django_db
def test_only_members_of_an_active_structure_send() -> None:
    structure = factories.structure(state=Structure.State.SUSPENDED)
    application = factories.application()
    with pytest.raises(services.StructureClosed):
        services.submit(
            application, by=factories.member(structure), structure=structure, key=uuid.uuid4()
        )
    with pytest.raises(NotAllowed):
        services.submit(application, by=factories.operator(), structure=structure, key=uuid.uuid4())
    assert ActivationRequest.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("portability", "due", "expected"),
    [
        (False, "2026-11-21 15:00", "2026-11-24 15:00"),
        (True, "2026-11-21 15:00", "2026-12-01 15:00"),
    ],
)
def test_due_times_are_computed_once_from_the_settings(
    portability: bool, due: str, expected: str
) -> None:
    rio = factories.rio_of("0612345678") if portability else ""
    with time_machine.travel(FRIDAY, tick=False):
        request = factories.request(rio=rio)
    ActivationSettings.objects.update(treatment_hours=2)
    row = ActivationRequest.objects.get(pk=request.pk)
    moments = [dt.datetime.fromisoformat(text).replace(tzinfo=PARIS) for text in (due, expected)]
    assert [row.due_at, row.expected_at] == moments
    assert row.current_number == ("+33612345678" if portability else "")


@pytest.mark.django_db
def test_a_request_is_late_when_the_delay_that_runs_is_over() -> None:
    with time_machine.travel(FRIDAY, tick=False):
        waiting, sent = factories.request(), factories.request(State.TRANSMITTED)
        back, closed = factories.request(State.TO_CORRECT), factories.request(State.ACTIVATED)
    rows = (waiting, sent, back, closed)
    with time_machine.travel(FRIDAY + dt.timedelta(hours=30), tick=False):
        assert [one.is_late for one in rows] == [True, False, False, False]
    with time_machine.travel(FRIDAY + dt.timedelta(days=5), tick=False):
        assert [one.is_late for one in rows] == [True, True, False, False]


@pytest.mark.django_db
def test_a_correction_replaces_the_data_and_starts_the_delays_anew() -> None:
    structure = factories.structure()
    by = factories.member(structure)
    with time_machine.travel(FRIDAY, tick=False):
        request = factories.request(State.TO_CORRECT, by=by, within=structure)
    later = FRIDAY + dt.timedelta(days=3)
    with time_machine.travel(later, tick=False):
        services.resubmit(request, factories.application(last_name="Autre"), by=by)
    row = ActivationRequest.objects.get(pk=request.pk)
    assert (row.state, row.last_name, row.reason) == (State.SUBMITTED, "Autre", "")
    assert (row.submitted_at, row.due_at) == (later, later + dt.timedelta(hours=24))
    assert row.iccid_fingerprint != request.iccid_fingerprint


@pytest.mark.django_db
def test_a_correction_cannot_take_the_card_of_another_request() -> None:
    structure = factories.structure()
    by, card = factories.member(structure), factories.card()
    factories.request(iccid=card)
    request = factories.request(State.TO_CORRECT, by=by, within=structure)
    with pytest.raises(services.CardAlreadyUsed):
        services.resubmit(request, factories.application(iccid=card), by=by)
    assert ActivationRequest.objects.get(pk=request.pk).state == State.TO_CORRECT


@pytest.mark.django_db
def test_duplicates_are_known_by_fingerprint() -> None:
    born = "1985-12-04"
    first = factories.request(last_name="Duré", first_name="Noël", birth_date=born)
    second = factories.request(last_name="DURE", first_name="noel", birth_date=born)
    other = factories.request(last_name="DURE", first_name="noel", birth_date="1985-12-05")
    found = checks.findings([first, second, other])
    alike = {key for key, listed in found.items() for one in listed if one.check is SAME}
    assert alike == {first.pk, second.pk}
    assert (is_card_used(first.iccid), is_card_used(first.iccid, besides=first)) == (True, False)


@pytest.mark.django_db
def test_data_in_clear_are_for_the_holder_and_each_view_is_recorded() -> None:
    holder, other = factories.operator(), factories.operator()
    request = factories.request(State.IN_PROGRESS, taken_by=holder)
    assert services.reveal(request, by=holder, why="processing").last_name == "Zébulonne"
    with pytest.raises(NotAllowed):
        services.reveal(request, by=other, why="processing")
    with pytest.raises(NotAllowed):
        services.reveal(request, by=request.created_by, why="correction")
    rows = AuditEntry.objects.filter(action="activation.revealed")
    assert [(row.by, row.target_id, row.details) for row in rows] == [
        (holder, str(request.pk), {"why": "processing"})
    ]


@pytest.mark.django_db
def test_activation_tells_the_beneficiary_and_the_partner_once() -> None:
    request = factories.request(State.ACTIVATED)
    OutboxMessage.objects.filter(topic="accounts.invitation").delete()
    assert deliver_due() == 2
    assert deliver_due() == 0
    sms = JournalEntry.objects.get(channel=JournalEntry.Channel.SMS)
    assert (sms.recipient, "07 55 66 77 88" in sms.text) == ("+33612345678", True)
    assert [message.to for message in mail.outbox] == [[request.created_by.email]]
    assert mail.outbox[0].subject == f"Demande {request.reference} : la ligne est activée"
    assert f"/activation-sim/suivi/{request.uuid}/" in mail.outbox[0].body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "words"),
    [(State.TO_CORRECT, "une correction est demandée"), (State.REFUSED, "elle est refusée")],
)
def test_the_partner_is_told_of_a_correction_and_of_a_refusal(state: State, words: str) -> None:
    request = factories.request(state)
    deliver_due()
    assert [message.subject for message in mail.outbox] == [
        f"Demande {request.reference} : {words}"
    ]
    assert "Motif d’essai" not in mail.outbox[0].body


@pytest.mark.django_db
def test_a_message_says_nothing_outdated() -> None:
    structure = factories.structure()
    by = factories.member(structure)
    request = factories.request(State.TO_CORRECT, by=by, within=structure)
    services.resubmit(request, factories.application(), by=by)
    deliver_due()
    assert mail.outbox == []


@pytest.mark.django_db
def test_the_demo_is_loaded_once() -> None:
    structure = factories.structure()
    by = factories.member(structure)
    operator = factories.operator()
    for _ in range(2):
        load(structure, by, operator=operator)
    rows = ActivationRequest.objects.filter(structure=structure).order_by("pk")
    ends = [story.way[-1] if story.way else State.SUBMITTED for story in STORIES]
    assert [row.state for row in rows] == ends


@pytest.mark.django_db(transaction=True)
def test_two_operators_never_take_the_same_request() -> None:
    request = factories.request()
    operators = [factories.operator() for _ in range(6)]
    start, outcomes = threading.Barrier(len(operators)), []

    def grab(operator: object) -> None:
        try:
            start.wait(timeout=20)
            services.take(request, by=operator)  # type: ignore[arg-type]
            outcomes.append(operator)
        except moves.MoveRefused:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=grab, args=(one,)) for one in operators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    winners = [one for one in outcomes if one]
    assert (len(outcomes), len(winners)) == (6, 1)
    row = ActivationRequest.objects.get(pk=request.pk)
    assert (row.taken_by, row.state) == (winners[0], State.IN_PROGRESS)
    assert [event.to for event in row.events.all()] == [State.SUBMITTED, State.IN_PROGRESS]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_gives_one_request() -> None:
    structure = factories.structure()
    by, key, application = factories.member(structure), uuid.uuid4(), factories.application()
    start, sent = threading.Barrier(4), []

    def click() -> None:
        try:
            start.wait(timeout=20)
            sent.append(services.submit(application, by=by, structure=structure, key=key).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (len(sent), len(set(sent))) == (4, 1)
    assert ActivationRequest.objects.count() == 1
