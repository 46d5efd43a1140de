"""The states of an activation request and the moves between them: the one table.

`activation.moves.move_each` is the one writer; the database refuses what contradicts a state.
"""

from dataclasses import dataclass
from enum import Enum

from django.db import models


class State(models.TextChoices):
    """Where a request stands."""

    SUBMITTED = "submitted", "Soumise"
    IN_PROGRESS = "in_progress", "En cours"
    TRANSMITTED = "transmitted", "Transmise à SFR"
    PORTING = "porting", "Portabilité en cours"
    TO_CORRECT = "to_correct", "À corriger"
    ACTIVATED = "activated", "Activée"
    REFUSED = "refused", "Refusée"
    CANCELLED = "cancelled", "Annulée"


#: An operator answers for the request.
HELD = frozenset({State.IN_PROGRESS, State.TRANSMITTED, State.PORTING})
#: Nothing follows.
CLOSED = frozenset({State.ACTIVATED, State.REFUSED, State.CANCELLED})
OPEN = frozenset(State) - CLOSED
#: The person has a line, or will.
SERVED = OPEN | {State.ACTIVATED}
#: SFR has the request.
AT_SFR = frozenset({State.TRANSMITTED, State.PORTING})
#: What operators act on; a request to be corrected waits for its structure.
TO_DO = OPEN - {State.TO_CORRECT}
#: The card may be asked for again after these only: an activated card is used up.
CARD_FREED = frozenset({State.REFUSED, State.CANCELLED})
#: The state says why.
EXPLAINED = frozenset({State.TO_CORRECT, State.REFUSED})


class Actor(Enum):
    """Who may make a move."""

    PARTNER = "a member of the request's structure"
    OPERATOR = "any operator"
    HOLDER = "the operator who has taken the request"
    ANSWER = "any operator, or SFR's gateway: an answer"


@dataclass(frozen=True)
class Move:
    """How a request goes from one state to another."""

    actor: Actor
    needs_reason: bool = False
    #: Whoever erases a person's data makes it too.
    for_erasure: bool = False


_S = State
MOVES: dict[tuple[State, State], Move] = {
    (_S.SUBMITTED, _S.IN_PROGRESS): Move(Actor.OPERATOR),
    (_S.SUBMITTED, _S.CANCELLED): Move(Actor.PARTNER, for_erasure=True),
    (_S.IN_PROGRESS, _S.SUBMITTED): Move(Actor.HOLDER),
    (_S.IN_PROGRESS, _S.TRANSMITTED): Move(Actor.HOLDER),
    (_S.IN_PROGRESS, _S.ACTIVATED): Move(Actor.HOLDER),
    (_S.IN_PROGRESS, _S.TO_CORRECT): Move(Actor.HOLDER, needs_reason=True),
    (_S.IN_PROGRESS, _S.REFUSED): Move(Actor.HOLDER, needs_reason=True),
    (_S.IN_PROGRESS, _S.CANCELLED): Move(Actor.PARTNER, for_erasure=True),
    (_S.TO_CORRECT, _S.SUBMITTED): Move(Actor.PARTNER),
    (_S.TO_CORRECT, _S.CANCELLED): Move(Actor.PARTNER, for_erasure=True),
    # SFR's answers: whoever records them, since one file answers many operators' requests.
    (_S.TRANSMITTED, _S.ACTIVATED): Move(Actor.ANSWER),
    (_S.TRANSMITTED, _S.PORTING): Move(Actor.ANSWER),
    (_S.TRANSMITTED, _S.TO_CORRECT): Move(Actor.ANSWER, needs_reason=True),
    (_S.TRANSMITTED, _S.REFUSED): Move(Actor.ANSWER, needs_reason=True),
    (_S.PORTING, _S.ACTIVATED): Move(Actor.ANSWER),
    (_S.PORTING, _S.REFUSED): Move(Actor.ANSWER, needs_reason=True),
}


def can_move(origin: str, to: State, actor: Actor) -> bool:
    """Return whether the table lets ``actor`` bring a request from ``origin`` to ``to``."""
    move = MOVES.get((State(origin), to))
    return move is not None and move.actor is actor
