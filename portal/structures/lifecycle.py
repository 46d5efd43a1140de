"""The states of a structure and the moves between them: the one table, and its one writer."""

from typing import Final

from django.db import models, transaction

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import Structure, StructureEvent
from portal.ui.errors import DomainError

_S = Structure.State
#: From, to: whether a reason is needed.
MOVES: Final[dict[tuple[str, str], bool]] = {
    (_S.CANDIDATE, _S.ACTIVE): False,
    (_S.CANDIDATE, _S.CLOSED): True,
    (_S.ACTIVE, _S.SUSPENDED): True,
    (_S.SUSPENDED, _S.ACTIVE): True,
    (_S.ACTIVE, _S.CLOSED): True,
    (_S.SUSPENDED, _S.CLOSED): True,
}


class MoveRefused(DomainError):
    """The structure cannot go there from where it is; the message says what is possible."""

    default_code = "move_refused"


def log(
    *,
    structure: Structure,
    subject: models.Model,
    kind: str,
    was: str,
    now: str,
    by: User | None,
    reason: str = "",
) -> StructureEvent:
    """Write a row of the log, and of the audit trail, in the caller's transaction.

    Args:
        structure: whose story it is.
        subject: what changed state: itself, a convention, an avenant, a candidature.
        kind: that in a word, as the log shows it (``structure``, ``convention``, ``avenant``…).
        was: the state before; empty at the beginning.
        now: the state after.
        by: who did it; none for the clock.
        reason: in their words.
    """
    record(by=by, action=f"structures.{kind}_{now}", target=subject, was=was)
    return StructureEvent.objects.create(
        structure=structure,
        subject=kind,
        subject_id=str(subject.pk),
        was=was,
        now=now,
        by=by,
        reason=" ".join(reason.split())[:500],
    )


@transaction.atomic
def move(*, by: User | None, structure: Structure, to: str, reason: str = "") -> Structure:
    """Bring a structure to another state.

    Args:
        by: who does it; none for the system.
        structure: locked and read again here.
        to: a `Structure.State`.
        reason: needed where `MOVES` says so.

    Raises:
        MoveRefused: no such move, or the reason is missing.
    """
    row = Structure.objects.select_for_update(no_key=True).get(pk=structure.pk)
    needs_reason = MOVES.get((row.state, to))
    if needs_reason is None:
        raise MoveRefused(
            f"Cette structure est dans l’état «\u00a0{row.get_state_display().lower()}\u00a0», "
            f"elle ne peut pas passer à «\u00a0{_S(to).label.lower()}\u00a0»."
        )
    if needs_reason and not reason.strip():
        raise MoveRefused("Dites pourquoi\u00a0: le motif reste dans l’histoire de la structure.")
    was, row.state = row.state, to
    row.save(update_fields=["state"])
    log(structure=row, subject=row, kind="structure", was=was, now=to, by=by, reason=reason)
    return row
