"""Reminders, on a clock that moves."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from portal.accounts.models import User
from portal.outbox.models import OutboxMessage
from portal.training import reminders, seats, sessions
from portal.training.models import TrainingSession
from tests.training.conftest import (
    calendar_of,
    delivered,
    newcomer,
    registered,
    session,
    subject_of,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
START = dt.datetime(2026, 12, 11, 13, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> Any:
    """A clock that stands still at `NOW`."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def made(clock: Any) -> TrainingSession:
    """A session at `START`, two seats."""
    return session(starts_at=START, seats=2)


def before(clock: Any, **ago: float) -> int:
    """Go to that long before the session and run the task; return how many reminders left."""
    clock.move_to(START - dt.timedelta(**ago))
    return reminders.remind()


def test_the_day_before_and_an_hour_before_once_each(clock: Any, made: TrainingSession) -> None:
    registered(made, 3)  # the third waits: no reminder
    sent = [
        before(clock, **ago)
        for ago in (
            {"days": 2},
            {"hours": 24.1},
            {"hours": 24},
            {"hours": 23.9},
            {"hours": 1.1},
            {"hours": 1},
            {"minutes": 55},
            {"minutes": 0},
        )
    ]

    assert sent == [0, 0, 2, 0, 0, 2, 0, 0]


def test_a_reminder_says_when_and_where(clock: Any, made: TrainingSession) -> None:
    registered(made)
    delivered()
    before(clock, hours=23)
    (message,) = delivered()

    assert subject_of(message) == "Rappel : Prise en main"
    text = message.get_payload()[0].get_payload(decode=True).decode()  # type: ignore[union-attr, index]
    assert "vendredi 11\u00a0décembre\u00a02026, de 14:00 à 15:30" in text
    assert made.video_link in text
    assert calendar_of(message) is None


def test_a_clock_that_slept_past_the_day_sends_the_hour_only(
    clock: Any, made: TrainingSession
) -> None:
    registered(made)
    assert before(clock, minutes=30) == 1


def test_who_came_after_the_moment_has_just_been_told(clock: Any, made: TrainingSession) -> None:
    clock.move_to(START - dt.timedelta(hours=5))
    registered(made)

    assert [reminders.remind(), before(clock, hours=4), before(clock, minutes=59)] == [0, 0, 1]


def test_a_moved_session_is_reminded_of_again(
    clock: Any, made: TrainingSession, referent: User
) -> None:
    registered(made)
    assert before(clock, hours=23) == 1
    later = START + dt.timedelta(days=7)
    sessions.change(
        by=referent,
        session=made,
        values={"starts_at": later, "ends_at": later + dt.timedelta(hours=1)},
    )

    assert before(clock, hours=22) == 0
    assert before(clock, days=-6, hours=-0.1) == 1


def test_a_reminder_that_was_written_and_is_void_does_not_leave(
    clock: Any, made: TrainingSession, referent: User
) -> None:
    stays, leaves = registered(made, 2)
    delivered()
    before(clock, hours=23)
    seats.leave(by=leaves.user, registration=leaves)
    subjects = sorted(subject_of(message)[:6] for message in delivered())

    assert subjects == ["Inscri", "Rappel"]
    sessions.cancel(by=referent, session=made, reason="Panne")
    OutboxMessage.objects.all().delete()
    assert before(clock, minutes=30) == 0
    assert stays.session == made


def test_somebody_whose_account_is_closed_hears_nothing(made: TrainingSession) -> None:
    person = newcomer().user
    seats.register(by=person, session=made)
    person.is_active = False
    person.save()

    assert delivered() == []
