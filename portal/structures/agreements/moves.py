"""The states of conventions and avenants: one table of moves for each, and their one writer."""

from typing import Final, TypeVar, cast

from portal.accounts.models import User
from portal.structures.lifecycle import MoveRefused, log
from portal.structures.models import Agreement, Amendment, Kind, Structure

Paper = Agreement | Amendment
_P = TypeVar("_P", bound=Agreement | Amendment)

_A = Agreement.State
_V = Amendment.State
#: From, to: whether a reason is needed.
CONVENTION_MOVES: Final[dict[tuple[str, str], bool]] = {
    (_A.DRAFT, _A.TO_SIGN): False,
    (_A.TO_SIGN, _A.DRAFT): True,
    (_A.TO_SIGN, _A.SIGNED): False,
    (_A.SIGNED, _A.TO_SIGN): True,
    (_A.SIGNED, _A.IN_FORCE): False,
    (_A.IN_FORCE, _A.DENOUNCED): True,
    (_A.IN_FORCE, _A.ENDED): False,
    (_A.DENOUNCED, _A.ENDED): False,
}
AVENANT_MOVES: Final[dict[tuple[str, str], bool]] = {
    (_V.DRAFT, _V.TO_SIGN): False,
    (_V.TO_SIGN, _V.DRAFT): True,
    (_V.TO_SIGN, _V.SIGNED): False,
    (_V.SIGNED, _V.TO_SIGN): True,
    (_V.SIGNED, _V.VALIDATED): False,
    (_V.VALIDATED, _V.ENDED): False,
    (_V.DRAFT, _V.REFUSED): True,
    (_V.TO_SIGN, _V.REFUSED): True,
    (_V.SIGNED, _V.REFUSED): True,
}


def kind_of(paper: Paper) -> Kind:
    """Return which of the two it is, as the log and the texts name it."""
    return Kind.CONVENTION if isinstance(paper, Agreement) else Kind.AVENANT


def structure_of(paper: Paper) -> Structure:
    """Return whose paper it is."""
    return paper.structure if isinstance(paper, Agreement) else paper.agreement.structure


def agreement_of(paper: Paper) -> Agreement:
    """Return the convention, or the one that an avenant is under."""
    return paper if isinstance(paper, Agreement) else paper.agreement


def lock(paper: _P) -> _P:
    """Read a paper again and hold it: what is decided about it goes one after the other."""
    rows = type(paper)._default_manager.select_for_update(of=("self",), no_key=True)
    return cast("_P", rows.get(pk=paper.pk))


def refuse(paper: Paper, to: str) -> MoveRefused:
    """Return the refusal of a move that the table does not have."""
    name = "Cette convention" if isinstance(paper, Agreement) else "Cet avenant"
    return MoveRefused(
        f"{name} est dans l’état «\u00a0{paper.get_state_display().lower()}\u00a0»\u00a0: "
        f"passer à «\u00a0{type(paper).State(to).label.lower()}\u00a0» n’est pas possible."
    )


def check(paper: Paper, to: str, *, was: str = "", reason: str = "") -> None:
    """Let a move pass or refuse it, before anything is written for it.

    Args:
        paper: as it is now.
        to: a state of its class.
        was: the only state that the act begins in, where others lead to ``to`` by other acts.
        reason: needed where the table says so.

    Raises:
        MoveRefused: no such move, or its reason is missing.
    """
    moves = CONVENTION_MOVES if isinstance(paper, Agreement) else AVENANT_MOVES
    needs_reason = moves.get((paper.state, to))
    if needs_reason is None or (was and paper.state != was):
        raise refuse(paper, to)
    if needs_reason and not reason.strip():
        raise MoveRefused("Dites pourquoi\u00a0: le motif reste dans l’histoire de la structure.")


def move(paper: Paper, to: str, *, by: User | None, reason: str = "") -> None:
    """Write a move, with what the caller changed on the row.

    Args:
        paper: locked by `lock`, in the caller's transaction.
        to: a state of its class.
        by: who does it; none for the clock.
        reason: needed where the table says so.

    Raises:
        MoveRefused: see `check`.
    """
    check(paper, to, reason=reason)
    was, paper.state = paper.state, to
    paper.save()
    log(
        structure=structure_of(paper),
        subject=paper,
        kind=kind_of(paper).value,
        was=was,
        now=to,
        by=by,
        reason=reason,
    )
