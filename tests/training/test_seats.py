"""Seats and the waiting list."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from portal.accounts.models import User
from portal.outbox.models import OutboxMessage
from portal.training import seats, sessions
from portal.training.models import Registration, TrainingSession
from portal.training.seats import SessionClosed
from portal.training.sessions import SessionRefused
from tests import factories
from tests.training.conftest import began, newcomer, registered, session, states, values

R, W, C = "registered", "waiting", "cancelled"

pytestmark = pytest.mark.django_db


def topics() -> list[str]:
    """Return the topics of what waits in the outbox about training, the oldest first."""
    rows = OutboxMessage.objects.filter(topic__startswith="training.").order_by("pk")
    return [topic.removeprefix("training.") for topic in rows.values_list("topic", flat=True)]


def test_seats_go_to_the_first_and_the_others_wait() -> None:
    made = session(seats=2)
    registered(made, 4)

    assert states(made) == [R, R, W, W]
    assert topics() == ["registered"] * 4


def test_registering_twice_keeps_the_one_place() -> None:
    made, person = session(), newcomer().user
    first = seats.register(by=person, session=made)
    OutboxMessage.objects.all().delete()

    assert seats.register(by=person, session=made) == first
    assert (states(made), topics()) == ([R], [])


def test_a_seat_given_back_goes_to_the_first_who_waits() -> None:
    made = session(seats=1)
    rows = registered(made, 3)
    OutboxMessage.objects.all().delete()
    seats.leave(by=rows[0].user, registration=rows[0])

    assert states(made) == [C, R, W]
    assert topics() == ["left", "promoted"]


def test_leaving_the_waiting_list_moves_nobody() -> None:
    made = session(seats=1)
    rows = registered(made, 3)
    OutboxMessage.objects.all().delete()
    seats.leave(by=rows[1].user, registration=rows[1])
    seats.leave(by=rows[1].user, registration=rows[1])

    assert states(made) == [R, C, W]
    assert topics() == []


def test_who_comes_back_queues_again_under_a_new_number() -> None:
    made = session(seats=1)
    rows = registered(made, 2)
    seats.leave(by=rows[0].user, registration=rows[0])
    again = seats.register(by=rows[0].user, session=made)

    assert states(made) == [C, R, W]
    assert again.uuid != rows[0].uuid


def test_more_seats_let_the_first_move_up(referent: User) -> None:
    made = session(seats=1)
    registered(made, 4)
    sessions.change(by=referent, session=made, values={"seats": 3})

    assert states(made) == [R, R, R, W]
    assert topics()[4:] == ["promoted", "promoted"]


def test_fewer_seats_than_people_is_refused_whole(referent: User) -> None:
    made = session(seats=3, title="Avant")
    registered(made, 3)
    with pytest.raises(SessionRefused) as refusal:
        sessions.change(by=referent, session=made, values=values(seats=2, title="Après"))

    assert refusal.value.message == (
        "3 personnes ont déjà une place\u00a0: la session ne peut pas en avoir moins. Rien n’a été "
        "modifié."
    )
    made.refresh_from_db()
    assert (made.seats, made.title) == (3, "Avant")


@pytest.mark.parametrize("closed", ["begun", "cancelled"])
def test_nobody_registers_or_leaves_too_late(referent: User, closed: str) -> None:
    made = session()
    there = registered(made)[0]
    if closed == "begun":
        began(made)
    else:
        sessions.cancel(by=referent, session=made, reason="Panne")
    with pytest.raises(SessionClosed):
        seats.register(by=newcomer().user, session=made)
    with pytest.raises(SessionClosed):
        seats.leave(by=there.user, registration=there)

    assert states(made) == [R]


def test_the_database_keeps_one_live_place_a_person() -> None:
    made = session()
    there = registered(made)[0]
    twice = Registration(session=made, user=there.user, state=W)

    with pytest.raises(Exception, match="training_registered_once"):
        twice.save()


@pytest.mark.django_db(transaction=True)
def test_thirty_people_at_once_on_ten_seats() -> None:
    made = session(seats=10)
    people = [factories.UserFactory() for _ in range(30)]

    def act(person: User) -> None:
        try:
            seats.register(by=person, session=made)
        finally:
            connection.close()

    with ThreadPoolExecutor(15) as pool:
        list(pool.map(act, people))
    assert states(made) == [R] * 10 + [W] * 20

    order = list(made.registrations.order_by("pk").values_list("pk", flat=True))

    def give_back(pk: int) -> None:
        try:
            there = Registration.objects.select_related("session", "user").get(pk=pk)
            seats.leave(by=there.user, registration=there)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(give_back, order[:5]))
    assert states(made) == [C] * 5 + [R] * 10 + [W] * 15
    assert TrainingSession.objects.with_counts().get(pk=made.pk).taken == 10
