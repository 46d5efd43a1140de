"""The states of a candidature and the moves between them: the one table, and its one writer."""

from typing import Final

from django.db import transaction

from portal.accounts.models import User
from portal.candidatures.models import Candidature, CandidatureEvent, State
from portal.privacy.services import record
from portal.ui.errors import DomainError

#: From, to: whether a reason is needed.
MOVES: Final[dict[tuple[str, str], bool]] = {
    (State.DRAFT, State.SUBMITTED): False,
    (State.DRAFT, State.WITHDRAWN): False,
    (State.SUBMITTED, State.TO_COMPLETE): True,
    (State.SUBMITTED, State.ACCEPTED): False,
    (State.SUBMITTED, State.REFUSED): True,
    (State.SUBMITTED, State.WITHDRAWN): False,
    (State.TO_COMPLETE, State.SUBMITTED): False,
    (State.TO_COMPLETE, State.REFUSED): True,
    (State.TO_COMPLETE, State.WITHDRAWN): False,
}


class MoveRefused(DomainError):
    """The candidature cannot go there from where it is; the message says where it is."""

    default_code = "move_refused"


def locked(candidature: Candidature) -> Candidature:
    """Return the candidature as it stands, locked until the transaction ends."""
    return Candidature.objects.select_for_update(no_key=True).get(pk=candidature.pk)


def check_move(candidature: Candidature, to: State, reason: str = "") -> None:
    """Let a move pass.

    Raises:
        MoveRefused: no such move, or the reason is missing.
    """
    needs_reason = MOVES.get((candidature.state, to))
    if needs_reason is None:
        raise MoveRefused(
            f"Cette candidature est dans l’état «\u00a0{candidature.get_state_display().lower()}"
            f"\u00a0», elle ne peut pas passer à «\u00a0{to.label.lower()}\u00a0»."
        )
    if needs_reason and not reason.strip():
        raise MoveRefused("Dites pourquoi\u00a0: la structure lira ce motif.")


@transaction.atomic
def move(
    candidature: Candidature, to: State, *, by: User | None, reason: str = ""
) -> CandidatureEvent:
    """Bring a candidature that the caller has `locked` to another state, with its row in the log.

    Args:
        candidature: with whatever else the move sets; it is saved whole.
        to: where to.
        by: the référent; none for the candidate, who has no account yet.
        reason: needed where `MOVES` says so; the candidate reads it.

    Raises:
        MoveRefused: see `check_move`.
    """
    check_move(candidature, to, reason)
    was, candidature.state = candidature.state, to
    candidature.save()
    return log(candidature, was=was, by=by, reason=reason)


def log(
    candidature: Candidature, *, was: str, by: User | None, reason: str = ""
) -> CandidatureEvent:
    """Write the row of a state just reached, and of the audit trail."""
    record(by=by, action=f"candidatures.{candidature.state}", target=candidature, was=was)
    return CandidatureEvent.objects.create(
        candidature=candidature,
        was=was,
        now=candidature.state,
        by=by,
        reason=" ".join(reason.split())[:1000],
    )
