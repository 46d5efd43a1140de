"""The table of moves, walked by the one writer: every pair of states, each actor."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from activation import moves, services
from activation.models import ActivationRequest
from activation.states import CARD_FREED, CLOSED, HELD, MOVES, Actor, State
from portal.outbox.models import OutboxMessage
from portal.privacy.models import AuditEntry
from portal.ui.errors import NotAllowed
from tests.activation import factories

pytestmark = pytest.mark.django_db

PAIRS = [(origin, to) for origin in State for to in State]
LINE = {"line_number": "+33755667788"}


def attempt(origin: State, to: State, actor: Actor) -> tuple[ActivationRequest, str]:
    """Try a move as ``actor``; return the row and what happened."""
    within = factories.structure()
    partner, holder = factories.member(within), factories.operator()
    request = factories.request(origin, by=partner, within=within, taken_by=holder)
    actors = {
        Actor.PARTNER: partner,
        Actor.HOLDER: holder,
        Actor.OPERATOR: factories.operator(),
        Actor.ANSWER: None,  # SFR's gateway, which is nobody
    }
    changes = LINE if to is State.ACTIVATED else None
    try:
        moves.move(request, to, by=actors[actor], reason="Nom illisible", changes=changes)
    except (moves.MoveRefused, NotAllowed) as error:
        return ActivationRequest.objects.get(pk=request.pk), error.code
    return ActivationRequest.objects.get(pk=request.pk), "moved"


def expected(origin: State, to: State, actor: Actor) -> str:
    """Return what the table says."""
    move = MOVES.get((origin, to))
    if move is None:
        return "move_refused"
    if move.actor is Actor.PARTNER:
        return "moved" if actor is Actor.PARTNER else "not_allowed"
    if move.actor is Actor.ANSWER:
        return "not_allowed" if actor is Actor.PARTNER else "moved"
    if actor in {Actor.PARTNER, Actor.ANSWER}:
        return "not_allowed"
    return "moved" if move.actor is Actor.OPERATOR or actor is Actor.HOLDER else "move_refused"


@pytest.mark.parametrize("actor", list(Actor))
@pytest.mark.parametrize(("origin", "to"), PAIRS)
def test_only_the_moves_of_the_table_happen(origin: State, to: State, actor: Actor) -> None:
    row, outcome = attempt(origin, to, actor)
    moved = outcome == "moved"
    assert (outcome, row.state) == (expected(origin, to, actor), to if moved else origin)
    assert (row.taken_by is not None) == (row.state in HELD)
    assert (row.closed_at is not None) == (row.state in CLOSED)
    last = row.events.last()
    assert (last.to == row.state, (last.origin, last.to) == (origin, to)) == (True, moved)


def test_the_table_is_the_one_of_the_product() -> None:
    assert {(origin.label, to.label) for origin, to in MOVES} == {
        ("Soumise", "En cours"),
        ("Soumise", "Annulée"),
        ("En cours", "Soumise"),
        ("En cours", "Transmise à SFR"),
        ("En cours", "Activée"),
        ("En cours", "À corriger"),
        ("En cours", "Refusée"),
        ("En cours", "Annulée"),
        ("À corriger", "Soumise"),
        ("À corriger", "Annulée"),
        ("Transmise à SFR", "Activée"),
        ("Transmise à SFR", "Portabilité en cours"),
        ("Transmise à SFR", "À corriger"),
        ("Transmise à SFR", "Refusée"),
        ("Portabilité en cours", "Activée"),
        ("Portabilité en cours", "Refusée"),
    }


@pytest.mark.parametrize(
    ("origin", "to"), [pair for pair, move in MOVES.items() if move.needs_reason]
)
def test_a_reason_is_asked_for(origin: State, to: State) -> None:
    holder = factories.operator()
    request = factories.request(origin, taken_by=holder)
    with pytest.raises(moves.MoveRefused):
        moves.move(request, to, by=holder, reason="  ")
    moved = moves.move(request, to, by=holder, reason=" Nom illisible ")
    assert (moved.reason, moved.events.last().reason) == ("Nom illisible", "Nom illisible")


@pytest.mark.parametrize(
    ("state", "topics"),
    [
        (State.SUBMITTED, []),
        (State.IN_PROGRESS, []),
        (State.TRANSMITTED, []),
        (State.PORTING, [moves.EMAIL_TOPIC]),
        (State.TO_CORRECT, [moves.EMAIL_TOPIC]),
        (State.ACTIVATED, [moves.SMS_TOPIC, moves.EMAIL_TOPIC]),
        (State.REFUSED, [moves.EMAIL_TOPIC]),
        (State.CANCELLED, []),
    ],
)
def test_each_state_sends_its_messages(state: State, topics: list[str]) -> None:
    request = factories.request(state)
    rows = OutboxMessage.objects.filter(topic__startswith="activation.").order_by("pk")
    assert [row.topic for row in rows] == topics
    assert [row.payload for row in rows] == [{"request": str(request.uuid)}] * len(topics)


@pytest.mark.parametrize("state", list(State))
def test_a_card_is_free_again_only_after_a_refusal_or_a_cancellation(state: State) -> None:
    card = factories.card()
    factories.request(state, iccid=card)
    if state in CARD_FREED:
        assert factories.request(iccid=card).state == State.SUBMITTED
    else:
        with pytest.raises(services.CardAlreadyUsed):
            factories.request(iccid=card)


@pytest.mark.parametrize(
    ("constraint", "state", "changes"),
    [
        ("activation_state_known", State.SUBMITTED, {"state": "lost"}),
        ("activation_taken_by", State.IN_PROGRESS, {"taken_by": None}),
        ("activation_taken_by", State.TRANSMITTED, {"taken_by": None}),
        ("activation_taken_by", State.PORTING, {"taken_by": None}),
        ("activation_closed_at", State.CANCELLED, {"closed_at": None}),
        ("activation_closed_at", State.SUBMITTED, {"closed_at": timezone.now()}),
        ("activation_portability", State.SUBMITTED, {"portability": True}),
        ("activation_portability", State.SUBMITTED, {"rio": "01PEROY4P4TR"}),
        ("activation_line_number", State.ACTIVATED, {"line_number": ""}),
        ("activation_line_number", State.SUBMITTED, {"line_number": "+33612345678"}),
        ("activation_reason", State.REFUSED, {"reason": ""}),
        ("activation_reason", State.TO_CORRECT, {"reason": ""}),
    ],
)
def test_the_database_refuses_impossible_rows(
    constraint: str, state: State, changes: dict[str, object]
) -> None:
    request = factories.request(state)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ActivationRequest.objects.filter(pk=request.pk).update(**changes)


def test_the_database_refuses_a_due_time_before_the_submission() -> None:
    request = factories.request()
    with pytest.raises(IntegrityError, match="activation_due_at"), transaction.atomic():
        ActivationRequest.objects.filter(pk=request.pk).update(due_at=request.submitted_at)


def test_each_move_is_audited_without_any_data() -> None:
    request = factories.request(State.ACTIVATED)
    rows = AuditEntry.objects.filter(
        target_id=str(request.pk), target_type=request._meta.label_lower
    )
    assert [(row.action, row.details) for row in rows.order_by("pk")] == [
        ("activation.submitted", {}),
        ("activation.in_progress", {}),
        ("activation.activated", {}),
    ]
