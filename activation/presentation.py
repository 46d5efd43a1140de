"""How a request shows itself: the words and colours of its state, and its timeline."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from activation.models import ActivationEvent, ActivationRequest
from activation.states import Actor, State, can_move

#: Variant of the badge component.
BADGES = {
    State.SUBMITTED: "",
    State.IN_PROGRESS: "info",
    State.TRANSMITTED: "info",
    State.PORTING: "info",
    State.TO_CORRECT: "warning",
    State.ACTIVATED: "success",
    State.REFUSED: "danger",
    State.CANCELLED: "",
}
_SENTENCES = {
    (State.IN_PROGRESS, State.SUBMITTED): "Demande remise en attente d’un opérateur",
    (State.TO_CORRECT, State.SUBMITTED): "Demande corrigée et renvoyée",
    State.SUBMITTED: "Demande envoyée",
    State.IN_PROGRESS: "Demande prise en charge",
    State.TRANSMITTED: "Demande transmise à SFR",
    State.PORTING: "Portabilité du numéro en cours",
    State.TO_CORRECT: "Correction demandée",
    State.ACTIVATED: "Ligne activée",
    State.REFUSED: "Demande refusée",
    State.CANCELLED: "Demande annulée",
}
#: The same state, another operator.
_HANDED = "Demande confiée à un autre opérateur"


@dataclass(frozen=True)
class Step:
    """A line of the timeline."""

    at: dt.datetime
    sentence: str
    who: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A request in the partner's list."""

    request: ActivationRequest
    badge: str
    card_end: str


def badge(request: ActivationRequest) -> str:
    """Return the badge's variant for the state of ``request``."""
    return BADGES[State(request.state)]


def card_end(request: ActivationRequest) -> str:
    """Return the last four digits of the card: enough to find it on a desk."""
    digits: str = request.iccid
    return digits[-4:]


def rows(requests: Iterable[ActivationRequest]) -> list[Row]:
    """Return the lines of the partner's list."""
    return [Row(one, badge(one), card_end(one)) for one in requests]


def timeline(events: Iterable[ActivationEvent], *, for_partner: bool) -> list[Step]:
    """Return the log in words, oldest first.

    Args:
        events: with ``by`` loaded.
        for_partner: operators are then « Emmaüs Connect », without their names.
    """
    return [_step(event, for_partner) for event in events]


def _by_eraser(event: ActivationEvent) -> bool:
    """Whether an administrator cancelled the request, to erase a person's data."""
    return event.by is not None and event.by.has_perm("activation.manage_personal_data")


def _step(event: ActivationEvent, for_partner: bool) -> Step:
    to = State(event.to)
    by_partner = (to is State.CANCELLED and not _by_eraser(event)) or (
        to is State.SUBMITTED and event.origin != State.IN_PROGRESS
    )
    anonymous = event.by is None or (for_partner and not by_partner)
    return Step(
        at=event.at,
        sentence=_HANDED
        if event.origin == event.to
        else _SENTENCES.get((event.origin, to)) or _SENTENCES[to],
        who="Emmaüs Connect" if anonymous else str(event.by),
        reason=event.reason,
    )


def may_cancel(request: ActivationRequest) -> bool:
    """Return whether its structure may still cancel ``request``."""
    return can_move(request.state, State.CANCELLED, Actor.PARTNER)
