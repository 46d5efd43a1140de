"""Assistance requests of the demo: one that waits, one that is answered, and ready texts."""

import uuid

from knowledge.support import services, team
from knowledge.support.models import CannedAnswer, Subject, SupportRequest
from knowledge.support.services import Question
from portal.accounts.models import User
from portal.structures.models import Membership

_READY = {
    "Carte SIM non reconnue": "Bonjour,\n\nÉteignez le téléphone, retirez la carte SIM, "
    "remettez-la "
    "et rallumez. Si le message revient, essayez la carte dans un autre téléphone et "
    "dites-nous ce qui s’affiche.",
    "Numéro de recharge refusé": "Bonjour,\n\nDepuis Mon compte, ouvrez "
    "«\u00a0Numéros de recharge\u00a0» et "
    "choisissez «\u00a0Signaler\u00a0»\u00a0: un autre numéro vous est donné aussitôt.",
}


def load(member: Membership, staff: User) -> None:
    """Write them once.

    Args:
        member: who asks.
        staff: the référent who answers.
    """
    for position, (title, body) in enumerate(_READY.items()):
        CannedAnswer.objects.get_or_create(
            title=title, defaults={"body": body, "position": position}
        )
    if SupportRequest.objects.filter(structure=member.structure).exists():
        return
    answered = _ask(
        member,
        Subject.SIM,
        "La carte SIM n’est pas reconnue",
        "Le téléphone affiche «\u00a0pas de carte SIM\u00a0» alors que la carte est bien insérée.",
    )
    team.answer(
        by=staff,
        request=answered,
        key=uuid.uuid4(),
        body=_READY["Carte SIM non reconnue"],
    )
    _ask(
        member,
        Subject.MONEY,
        "Quand la facture du mois arrive-t-elle\u00a0?",
        "Bonjour, notre comptable la demande pour la fin du mois. Merci\u00a0!",
    )


def _ask(member: Membership, subject: Subject, title: str, body: str) -> SupportRequest:
    question = Question(subject=subject, title=title, body=body)
    return services.ask(by=member, key=uuid.uuid4(), question=question)
