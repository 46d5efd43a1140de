"""The life of an assistance request: moves, who may make them, who follows it."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from knowledge.support import demo, services, team
from knowledge.support.models import CannedAnswer, SupportMessage, SupportRequest
from knowledge.support.moves import MoveRefused, NoSuchWork
from knowledge.support.states import MOVES, Actor, State
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from portal.structures.models import Membership
from portal.ui.errors import NotAllowed
from tests import factories
from tests.assistance.conftest import answer, ask, referent


def state(request: SupportRequest) -> tuple[str, User | None, bool]:
    """Return the state, who follows it, and whether the structure waits."""
    request.refresh_from_db()
    return (request.state, request.assigned_to, request.waiting_since is not None)


def test_a_request_goes_from_question_to_solution(member: Membership, manager: User) -> None:
    one = ask(member)
    seen = [state(one)]
    team.take(by=manager, request=one)
    seen.append(state(one))
    answer(manager, one)
    seen.append(state(one))
    services.write(by=member, request=one, key=uuid.uuid4(), body="Toujours pas.")
    seen.append(state(one))
    team.solve(by=manager, request=one)
    seen.append(state(one))
    services.reopen(by=member, request=one)
    seen.append(state(one))

    assert seen == [
        ("new", None, True),
        ("in_progress", manager, True),
        ("answered", manager, False),
        ("in_progress", manager, True),
        ("solved", manager, False),
        ("in_progress", manager, True),
    ]
    assert list(one.events.values_list("origin", "to")) == [
        ("", "new"),
        ("new", "in_progress"),
        ("in_progress", "answered"),
        ("answered", "in_progress"),
        ("in_progress", "solved"),
        ("solved", "in_progress"),
    ]
    actions = AuditEntry.objects.filter(action__startswith="support.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "support.new",
        "support.in_progress",
        "support.answered",
        "support.in_progress",
        "support.solved",
        "support.in_progress",
    ]


def test_every_state_can_be_reached_and_left() -> None:
    assert {to for _, to in MOVES} == set(State) == {origin for origin, _ in MOVES}


def test_the_clock_closes_what_is_answered_and_nothing_else() -> None:
    assert [move for move, actors in MOVES.items() if Actor.CLOCK in actors] == [
        (State.ANSWERED, State.SOLVED)
    ]


def test_the_first_answer_counts_once(member: Membership, manager: User) -> None:
    one = ask(member)
    answer(manager, one)
    one.refresh_from_db()
    first = one.first_answer_at
    answer(referent(), one)
    one.refresh_from_db()

    assert first is not None
    assert (one.first_answer_at, one.assigned_to) == (first, manager)


def test_an_answer_may_solve_at_once(member: Membership, manager: User) -> None:
    one = ask(member)
    team.answer(by=manager, request=one, key=uuid.uuid4(), body="C’est fait.", solves=True)

    assert state(one) == ("solved", manager, False)


def test_a_request_closed_before_anybody_took_it_comes_back_as_new(member: Membership) -> None:
    one = ask(member)
    services.close(by=member, request=one)
    services.close(by=member, request=one)
    closed = state(one)
    services.reopen(by=member, request=one)

    assert (closed, state(one)) == (("solved", None, False), ("new", None, True))
    assert one.events.count() == 3


def test_a_colleague_is_not_taken_from(member: Membership, manager: User) -> None:
    one = ask(member)
    team.take(by=manager, request=one)
    team.take(by=manager, request=one)

    with pytest.raises(MoveRefused) as refused:
        team.take(by=referent(), request=one)

    assert "suivie par Rachid Benali" in refused.value.message
    assert (state(one)[1], one.events.count()) == (manager, 2)


def test_a_request_is_handed_over_and_put_back(member: Membership, manager: User) -> None:
    one, colleague = ask(member), referent()
    team.assign(by=manager, request=one, to=colleague)
    handed = state(one)
    team.release(by=manager, request=one)

    assert (handed, state(one)) == (("in_progress", colleague, True), ("new", None, True))


@pytest.mark.parametrize("role", [None, Role.OPERATOR, Role.EDITOR])
def test_nobody_is_handed_a_request_who_may_not_answer(
    member: Membership, manager: User, role: Role | None
) -> None:
    one = ask(member)

    with pytest.raises(MoveRefused):
        team.assign(by=manager, request=one, to=factories.UserFactory(role=role))

    assert state(one) == ("new", None, True)


@pytest.mark.parametrize("act", ["take", "release", "solve", "reopen"])
@pytest.mark.parametrize("role", [None, Role.OPERATOR, Role.EDITOR, Role.ADMINISTRATOR])
def test_only_referents_do_the_teams_part(member: Membership, act: str, role: Role | None) -> None:
    one, by = ask(member), factories.UserFactory(role=role)

    with pytest.raises(NoSuchWork):
        getattr(team, act)(by=by, request=one)
    with pytest.raises(NoSuchWork):
        answer(by, one)

    assert (state(one), one.messages.count()) == (("new", None, True), 1)


@pytest.mark.parametrize("act", ["close", "reopen", "write"])
def test_a_stranger_does_nothing(member: Membership, stranger: Membership, act: str) -> None:
    one = ask(member)
    more: dict[str, Any] = {"key": uuid.uuid4(), "body": "Bonjour"} if act == "write" else {}

    with pytest.raises(NotAllowed):
        getattr(services, act)(by=stranger, request=one, **more)

    assert (state(one), one.messages.count()) == (("new", None, True), 1)


@pytest.mark.parametrize("act", ["release", "reopen"])
def test_a_move_that_the_table_has_not_is_refused(
    member: Membership, manager: User, act: str
) -> None:
    one = ask(member)

    with pytest.raises(MoveRefused):
        getattr(team, act)(by=manager, request=one)

    assert one.events.count() == 1


def test_a_solved_request_is_not_answered(member: Membership, manager: User) -> None:
    one = ask(member)
    services.close(by=member, request=one)

    with pytest.raises(MoveRefused):
        answer(manager, one)

    assert one.messages.count() == 1


def test_the_same_submission_twice_is_one_request_and_one_message(
    member: Membership, manager: User
) -> None:
    key, again = uuid.uuid4(), uuid.uuid4()
    sent = {services.ask(by=member, key=key, question=_question()).pk for _ in range(2)}
    one = SupportRequest.objects.get()
    for _ in range(2):
        team.answer(by=manager, request=one, key=again, body="Bonjour")

    assert (sent, SupportMessage.objects.count()) == ({one.pk}, 2)


def _question() -> services.Question:
    return services.Question(subject="other", title="Bonjour", body="Une question")


@pytest.mark.parametrize(
    "values",
    [
        {"state": "in_progress"},
        {"state": "answered"},
        {"state": "solved"},
        {"waiting_since": None},
        {"about_kind": "order"},
    ],
)
def test_the_database_refuses_what_contradicts_a_state(
    member: Membership, values: dict[str, Any]
) -> None:
    ask(member)

    with pytest.raises(IntegrityError), transaction.atomic():
        SupportRequest.objects.update(**values)


def test_the_demo_is_loaded_once(member: Membership, manager: User) -> None:
    for _ in range(2):
        demo.load(member, manager)

    assert sorted(SupportRequest.objects.values_list("state", flat=True)) == ["answered", "new"]
    assert CannedAnswer.objects.count() == 2
