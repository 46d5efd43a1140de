"""The states of an assistance request and the moves between them: the one table.

`knowledge.support.moves.change` is the one writer; the database refuses what contradicts a state.
"""

from enum import Enum

from django.db import models


class State(models.TextChoices):
    """Where a request stands."""

    NEW = "new", "Nouvelle"
    IN_PROGRESS = "in_progress", "En cours"
    ANSWERED = "answered", "Répondue"
    SOLVED = "solved", "Résolue"


#: The structure waits for Emmaüs Connect.
WAITING = frozenset({State.NEW, State.IN_PROGRESS})
OPEN = WAITING | {State.ANSWERED}


class Actor(Enum):
    """Who may make a move."""

    PARTNER = "a member of the request's structure"
    TEAM = "who may answer requests"
    CLOCK = "the nightly task"


_S, _A = State, Actor
MOVES: dict[tuple[State, State], frozenset[Actor]] = {
    (_S.NEW, _S.IN_PROGRESS): frozenset({_A.TEAM}),
    (_S.NEW, _S.ANSWERED): frozenset({_A.TEAM}),
    (_S.NEW, _S.SOLVED): frozenset({_A.TEAM, _A.PARTNER}),
    (_S.IN_PROGRESS, _S.NEW): frozenset({_A.TEAM}),
    (_S.IN_PROGRESS, _S.ANSWERED): frozenset({_A.TEAM}),
    (_S.IN_PROGRESS, _S.SOLVED): frozenset({_A.TEAM, _A.PARTNER}),
    # The structure writes again: whoever answered has it again.
    (_S.ANSWERED, _S.IN_PROGRESS): frozenset({_A.TEAM, _A.PARTNER}),
    (_S.ANSWERED, _S.SOLVED): frozenset({_A.TEAM, _A.PARTNER, _A.CLOCK}),
    (_S.SOLVED, _S.IN_PROGRESS): frozenset({_A.TEAM, _A.PARTNER}),
    # One that was closed before anybody took it.
    (_S.SOLVED, _S.NEW): frozenset({_A.TEAM, _A.PARTNER}),
}

BADGES = {
    State.NEW: "info",
    State.IN_PROGRESS: "info",
    State.ANSWERED: "warning",
    State.SOLVED: "success",
}
