"""What may be done on the page of a request: one table, each entry a service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from activation import moves, services, tasks_of_messages
from activation.backoffice.forms import (
    ActionForm,
    CorrectForm,
    DoneForm,
    HandForm,
    LineForm,
    OverrideForm,
    RefuseForm,
)
from activation.models import ActivationRequest
from activation.models.follow_up import Check
from activation.states import HELD, MOVES, Actor, State
from portal.accounts.models import User

Run = Callable[[ActivationRequest, User, dict[str, Any]], object]


@dataclass(frozen=True)
class Action:
    """A button of the page.

    Attributes:
        button: its words.
        done: what is said afterwards.
        run: calls the service with the request, the visitor and what the form has checked.
        form: what is asked first.
        send: the words of the form's button.
        to: the state that it leads to; None for what moves nothing.
        key: on the keyboard.
        look: classes of the button; icon: its picture.
    """

    button: str
    done: str
    run: Run
    form: type[ActionForm] | None = None
    send: str = ""
    to: State | None = None
    key: str = ""
    look: str = "button-secondary"
    icon: str = "edit"

    def is_offered(self, found: ActivationRequest, *, mine: bool) -> bool:
        """Return whether an operator may do this now.

        Args:
            found: the request.
            mine: whether the operator has taken it.
        """
        step = MOVES.get((State(found.state), self.to)) if self.to else None
        return step is not None and (mine or step.actor in {Actor.OPERATOR, Actor.ANSWER})


class Hand(Action):
    """Hand over to a colleague: whoever holds it may be away."""

    def is_offered(self, found: ActivationRequest, *, mine: bool) -> bool:
        """Return whether somebody holds it."""
        return found.state in HELD


class InPlace(Action):
    """Stands beside what it is about, on the page."""

    def is_offered(self, found: ActivationRequest, *, mine: bool) -> bool:
        """Return no: it is no button of the page as a whole."""
        return False


def _to(state: State) -> Run:
    return lambda found, by, typed: moves.move(found, state, by=by, reason=typed.get("reason", ""))


ACTIONS: dict[str, Action] = {
    "prendre": Action(
        "Prendre",
        "Vous avez pris cette demande.",
        _to(State.IN_PROGRESS),
        to=State.IN_PROGRESS,
        key="t",
        look="",
    ),
    "activer": Action(
        "Marquer activée",
        "La ligne est activée\u00a0: le SMS et l’e-mail partent.",
        lambda found, by, typed: services.activate(found, by=by, line_number=typed["line_number"]),
        form=LineForm,
        send="Activer et prévenir",
        to=State.ACTIVATED,
        key="a",
        look="",
        icon="check",
    ),
    "transmettre": Action(
        "Marquer transmise à SFR",
        "La demande est notée transmise à SFR.",
        _to(State.TRANSMITTED),
        to=State.TRANSMITTED,
    ),
    "portabilite": Action(
        "Portabilité en cours",
        "La portabilité est notée en cours.",
        _to(State.PORTING),
        to=State.PORTING,
    ),
    "corriger": Action(
        "À corriger",
        "La demande est retournée à la structure.",
        _to(State.TO_CORRECT),
        form=CorrectForm,
        send="Renvoyer à la structure",
        to=State.TO_CORRECT,
    ),
    "refuser": Action(
        "Refuser",
        "La demande est refusée.",
        _to(State.REFUSED),
        form=RefuseForm,
        send="Refuser la demande",
        to=State.REFUSED,
        look="button-secondary no",
        icon="cross",
    ),
    "relacher": Action(
        "Relâcher",
        "La demande est de nouveau libre pour un autre opérateur.",
        _to(State.SUBMITTED),
        to=State.SUBMITTED,
        key="r",
    ),
    "confier": Hand(
        "Confier à un collègue",
        "La demande est confiée à votre collègue.",
        lambda found, by, typed: services.reassign(found, to=typed["to"], by=by),
        form=HandForm,
        send="Confier la demande",
        icon="user",
    ),
    "lever": InPlace(
        "Lever ce contrôle",
        "Le contrôle est levé, avec votre motif.",
        lambda found, by, typed: services.override(
            found, Check(typed["check_code"]), by=by, reason=typed["reason"]
        ),
        form=OverrideForm,
        send="Lever ce contrôle",
    ),
    "message": InPlace(
        "C’est fait",
        "C’est noté\u00a0: ce message n’attend plus personne.",
        lambda found, by, typed: tasks_of_messages.close_task(
            typed["task"], by=by, note=typed["note"]
        ),
        form=DoneForm,
        send="C’est fait",
    ),
}
