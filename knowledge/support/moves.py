"""How a request goes from one state to another: `change` is the one writer of a state."""

from typing import Any

from django.utils import timezone

from knowledge.support.models import SupportEvent, SupportRequest
from knowledge.support.states import MOVES, WAITING, Actor, State
from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import Membership
from portal.ui.errors import DomainError, NotAllowed

ANSWER = "support.answer_supportrequest"


class MoveRefused(DomainError):
    """The table of moves, or another person's hand, says no."""

    default_code = "move_refused"


class NoSuchWork(NotAllowed):
    """Who asks may not answer requests."""

    default_message = "Seuls les référents d’Emmaüs Connect répondent aux demandes d’assistance."


def locked(request: SupportRequest) -> SupportRequest:
    """Return the request as it stands now, locked until the caller's transaction ends."""
    # Nothing is joined: after a wait, PostgreSQL reads the locked row again and not what it points
    # at, and whoever took the request meanwhile would be missing.
    return SupportRequest.objects.select_for_update().get(pk=request.pk)


def check_team(by: User) -> None:
    """Make sure that ``by`` may answer requests.

    Raises:
        NoSuchWork: they may not.
    """
    if not by.has_perm(ANSWER):
        raise NoSuchWork


def check_member(by: Membership, row: SupportRequest) -> None:
    """Make sure that ``by`` is an active member of the request's structure.

    Raises:
        NotAllowed: they are not, or no longer.
    """
    mine = Membership.objects.active().filter(pk=by.pk, user__is_active=True)
    if by.structure_id != row.structure_id or not mine.exists():
        raise NotAllowed


def change(
    row: SupportRequest,
    to: State,
    *,
    by: User | None,
    actor: Actor,
    assigned_to: User | None,
) -> None:
    """Bring a locked request to the state ``to``, or to other hands within its state.

    Args:
        row: as `locked` returned it.
        to: the state wanted; the present one only changes who follows the request.
        by: who does it; none for the clock.
        actor: in what quality.
        assigned_to: who follows the request from now on.

    Raises:
        MoveRefused: the table has no such move from the present state for this actor.
    """
    origin = State(row.state)
    if row.anonymised_at:
        raise MoveRefused("Cette demande est trop ancienne\u00a0: écrivez-en une nouvelle.")
    if to != origin and actor not in MOVES.get((origin, to), ()):
        raise MoveRefused(explanation(row))
    now = timezone.now()
    row.state, row.assigned_to = to, assigned_to
    row.waiting_since = (row.waiting_since or now) if to in WAITING else None
    row.solved_at = (row.solved_at or now) if to == State.SOLVED else None
    row.save()
    log(row, origin=origin, by=by)


def log(row: SupportRequest, *, origin: str, by: User | None, **details: Any) -> None:
    """Write what happened into the request's story and the audit trail."""
    SupportEvent.objects.create(
        request=row, origin=origin, to=row.state, assigned_to=row.assigned_to, by=by
    )
    record(by=by, action=f"support.{row.state}", target=row, was=origin, **details)


def explanation(row: SupportRequest) -> str:
    """Return why nothing was done: where the request stands now."""
    label = row.get_state_display().lower()
    who = f", suivie par {row.assigned_to}" if row.assigned_to else ""
    return f"Rien n’a été modifié\u00a0: cette demande est maintenant «\u00a0{label}\u00a0»{who}."
