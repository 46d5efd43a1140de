"""Seats: who gets one, who waits, who moves up.

Each change takes the session's row first, so that two at once follow each other: no seat is given
twice, and the first of the queue is the one who moves up.
"""

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.training.models import Registration, TrainingSession
from portal.ui.errors import DomainError

_State = Registration.State


class SessionClosed(DomainError):
    """Nobody registers or leaves any more."""

    default_code = "session_closed"
    default_message = (
        "Les inscriptions à cette session sont closes\u00a0: elle a commencé ou elle est annulée. "
        "Choisissez-en une autre."
    )


def lock(session: TrainingSession) -> TrainingSession:
    """Return the session as it is now; nobody else changes it before this transaction ends."""
    return TrainingSession.objects.select_for_update(no_key=True).get(pk=session.pk)


def check_open(session: TrainingSession) -> None:
    """Let somebody register or leave.

    Raises:
        SessionClosed: it has begun, or will not take place.
    """
    if session.state != TrainingSession.State.PLANNED or session.has_begun:
        raise SessionClosed


@transaction.atomic
def register(*, by: User, session: TrainingSession) -> Registration:
    """Give a seat, or a place on the waiting list; who has one already keeps it.

    Raises:
        SessionClosed: too late.
    """
    row = lock(session)
    there = row.registrations.live().filter(user=by).first()
    if there:
        return there
    check_open(row)
    made = Registration(session=row, user=by, state=_State.WAITING)
    take_place(made)
    return made


def take_place(registration: Registration) -> None:
    """Save a registration with a seat where one is left, on the waiting list where none is.

    The caller holds the session's lock.
    """
    session = registration.session
    registration.state = _State.WAITING
    if session.registrations.seated().count() < session.seats:
        registration.state = _State.REGISTERED
        registration.seated_at = timezone.now()
    registration.save()
    _tell("training.registered", registration)
    record(by=registration.user, action="training.registered", target=registration)


@transaction.atomic
def leave(*, by: User | None, registration: Registration) -> None:
    """Give a place back; the first who waits gets the seat. A second time changes nothing.

    Args:
        by: who does it; none for a visitor without an account.
        registration: read again here.

    Raises:
        SessionClosed: too late.
    """
    session = lock(registration.session)
    row = Registration.objects.get(pk=registration.pk)
    if row.state == _State.CANCELLED:
        return
    check_open(session)
    had_seat, row.state = row.state == _State.REGISTERED, _State.CANCELLED
    row.save(update_fields=["state"])
    record(by=by, action="training.left", target=row)
    if had_seat:
        _tell("training.left", row)
        promote(session)


def promote(session: TrainingSession) -> int:
    """Give the seats that are free to those who wait, the first first; return how many moved up.

    The caller holds the session's lock.
    """
    free = session.seats - session.registrations.seated().count()
    lucky = list(session.registrations.waiting()[: max(0, free)])
    for one in lucky:
        one.state, one.seated_at = _State.REGISTERED, timezone.now()
        one.save(update_fields=["state", "seated_at"])
        _tell("training.promoted", one)
        record(by=None, action="training.promoted", target=one)
    return len(lucky)


def _tell(topic: str, registration: Registration) -> None:
    enqueue(topic, {"registration": str(registration.uuid)})
