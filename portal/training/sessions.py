"""Planning sessions, moving them, cancelling them: what a référent does."""

import datetime as dt
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.training.models import TrainingSession
from portal.training.seats import lock, promote
from portal.ui.errors import DomainError

_S = TrainingSession.State
#: From, to: whether a reason is needed.
MOVES: Final[dict[tuple[str, str], bool]] = {
    (_S.PLANNED, _S.DONE): False,
    (_S.PLANNED, _S.CANCELLED): True,
}
#: What calendars show: changing one of these is announced, with a higher SEQUENCE.
ANNOUNCED: Final = ("title", "starts_at", "ends_at", "video_link", "trainer", "description")


class SessionRefused(DomainError):
    """The session cannot be so; the message says why."""

    default_code = "session_refused"


@transaction.atomic
def plan(*, by: User, values: dict[str, Any]) -> TrainingSession:
    """Plan a session.

    Args:
        by: a référent.
        values: of the form: kind, title, starts_at, ends_at, video_link, seats, trainer,
            description.

    Raises:
        SessionRefused: it lies in the past, or ends before it begins.
    """
    session = TrainingSession(**values)
    _check(session)
    session.save()
    record(by=by, action="training.planned", target=session)
    return session


@transaction.atomic
def change(*, by: User, session: TrainingSession, values: dict[str, Any]) -> TrainingSession:
    """Change a session that is planned; those who come are told of what they must know.

    More seats let those who wait move up.

    Raises:
        SessionRefused: it is over or cancelled, would lie in the past, or has fewer seats than
            people.
    """
    row = lock(session)
    if row.state != _S.PLANNED:
        raise SessionRefused(
            "Cette session est passée ou annulée\u00a0: elle ne peut plus être modifiée."
        )
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    changed = [name for name in values if before[name] != getattr(row, name)]
    _check(row, moved="starts_at" in changed)
    _check_seats(row)
    announced = [name for name in changed if name in ANNOUNCED]
    if announced:
        row.sequence += 1
    row.save()
    record(by=by, action="training.changed", target=row, fields=changed)
    if "starts_at" in changed:
        row.registrations.live().update(day_reminder_at=None, hour_reminder_at=None)
    if announced:
        _tell_everyone(row, "training.changed")
    promote(row)
    return row


@transaction.atomic
def move(*, by: User, session: TrainingSession, to: str, reason: str = "") -> TrainingSession:
    """Bring a session to another state: the one writer.

    Raises:
        SessionRefused: no such move, or the reason is missing.
    """
    row = lock(session)
    needs_reason = MOVES.get((row.state, to))
    if needs_reason is None:
        raise SessionRefused(
            f"Cette session est dans l’état «\u00a0{row.get_state_display().lower()}\u00a0», elle "
            f"ne peut pas passer à «\u00a0{_S(to).label.lower()}\u00a0»."
        )
    if needs_reason and not reason.strip():
        raise SessionRefused("Dites pourquoi\u00a0: les personnes inscrites liront ce motif.")
    was, row.state = row.state, to
    row.save(update_fields=["state"])
    record(by=by, action=f"training.session_{to}", target=row, was=was, reason=reason)
    return row


@transaction.atomic
def cancel(*, by: User, session: TrainingSession, reason: str) -> TrainingSession:
    """Cancel a session and tell everyone who comes or waits.

    Raises:
        SessionRefused: it is over or cancelled, or the reason is missing.
    """
    row = move(by=by, session=session, to=_S.CANCELLED, reason=reason)
    row.cancel_reason = " ".join(reason.split())[:300]
    row.sequence += 1
    row.save(update_fields=["cancel_reason", "sequence"])
    _tell_everyone(row, "training.cancelled")
    return row


@transaction.atomic
def set_replay(*, by: User, session: TrainingSession, link: str) -> None:
    """Keep where the recording is; whoever was registered finds it with the session.

    Raises:
        SessionRefused: the session has not begun, or was cancelled.
    """
    row = lock(session)
    if row.state == _S.CANCELLED or not row.has_begun:
        raise SessionRefused("La rediffusion s’ajoute une fois la session passée.")
    row.replay_link = link
    row.save(update_fields=["replay_link"])
    record(by=by, action="training.replay_set", target=row)


def _check(session: TrainingSession, *, moved: bool = True) -> None:
    try:
        session.full_clean()
    except ValidationError as error:
        raise SessionRefused(" ".join(error.messages)) from error
    if moved and session.starts_at <= timezone.now():
        raise SessionRefused("Cette date est passée\u00a0: choisissez-en une à venir.")
    if session.ends_at - session.starts_at > dt.timedelta(hours=12):
        raise SessionRefused("Une session dure 12 heures au plus\u00a0: vérifiez l’heure de fin.")


def _check_seats(session: TrainingSession) -> None:
    taken = session.registrations.seated().count()
    if session.seats < taken:
        raise SessionRefused(
            f"{taken} personnes ont déjà une place\u00a0: la session ne peut pas en avoir moins. "
            "Rien n’a été modifié."
        )


def _tell_everyone(session: TrainingSession, topic: str) -> None:
    for uuid in session.registrations.live().order_by("pk").values_list("uuid", flat=True):
        enqueue(topic, {"registration": str(uuid)})
