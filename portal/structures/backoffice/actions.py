"""The buttons of a convention's or an avenant's page: where they lead and what they ask."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from portal.accounts.models import User
from portal.structures.agreements import ending, signing
from portal.structures.agreements.moves import Paper
from portal.structures.backoffice.forms import CountersignedForm, FileForm, ReasonForm
from portal.structures.models import Agreement


@dataclass(frozen=True)
class Action:
    """A button: the states that offer it, its words, its service, and the form that it asks."""

    states: tuple[str, ...]
    button: str
    done: str
    service: Callable[..., Any]
    form_class: type[forms.Form] | None = None
    serious: bool = False

    def run(self, paper: Paper, by: User, typed: dict[str, Any]) -> None:
        """Call the service."""
        self.service(paper, by=by, **typed)


_BOTH = {
    "envoyer": Action(
        ("draft",),
        "Envoyer à signer",
        "Le document est prêt\u00a0: le référent de la structure reçoit un e-mail.",
        signing.send_to_sign,
    ),
    "deposer": Action(
        ("to_sign",),
        "Déposer le document signé",
        "Le document signé est enregistré.",
        signing.deposit,
        FileForm,
    ),
    "redemander": Action(
        ("signed",),
        "Redemander le document",
        "La structure reçoit un e-mail pour renvoyer le document.",
        signing.refuse_document,
        ReasonForm,
    ),
    "reprendre": Action(
        ("to_sign",),
        "Reprendre en préparation",
        "Le document est de nouveau en préparation.",
        signing.take_back,
        ReasonForm,
    ),
}
CONVENTION = _BOTH | {
    "contresigner": Action(
        ("signed",),
        "Contresigner",
        "La convention est en vigueur.",
        signing.countersign,
        CountersignedForm,
    ),
    "denoncer": Action(
        ("in_force",),
        "Dénoncer",
        "La convention est dénoncée\u00a0: elle s’applique jusqu’à la fin de l’année en cours.",
        ending.denounce,
        ReasonForm,
        serious=True,
    ),
}
AVENANT = _BOTH | {
    "valider": Action(
        ("signed",),
        "Valider",
        "L’avenant est validé\u00a0: ses quantités gratuites sont ouvertes.",
        signing.validate,
        CountersignedForm,
    ),
    "refuser": Action(
        ("draft", "to_sign", "signed"),
        "Refuser",
        "L’avenant est refusé.",
        ending.refuse_amendment,
        ReasonForm,
        serious=True,
    ),
    "terminer": Action(
        ("validated",),
        "Terminer maintenant",
        "L’avenant est terminé.",
        ending.end_amendment,
        ReasonForm,
        serious=True,
    ),
}


def actions_of(paper: Paper) -> dict[str, Action]:
    """Return every action of a paper of this kind."""
    return CONVENTION if isinstance(paper, Agreement) else AVENANT


def offered(paper: Paper) -> list[tuple[str, Action]]:
    """Return the actions that the paper's state offers; what goes on comes first."""
    found = [(name, one) for name, one in actions_of(paper).items() if paper.state in one.states]
    forward = {"envoyer", "deposer", "contresigner", "valider"}
    return sorted(found, key=lambda pair: (pair[0] not in forward, pair[1].serious))
