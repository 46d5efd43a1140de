"""What is told by e-mail about conventions and avenants: identifiers go in, sentences come out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.structures.agreements.moves import Paper, kind_of, structure_of
from portal.structures.models import (
    Agreement,
    AgreementReminder,
    Amendment,
    Kind,
    Membership,
    Structure,
    StructureEvent,
)
from portal.ui.forms import french_date


@dataclass(frozen=True)
class Told:
    """An e-mail's subject and sentence, where ``{paper}`` is named; ``to``: lead or manager."""

    subject: str
    sentence: str
    label: str
    to: str = "lead"
    with_reason: bool = False


EVENTS: Final[dict[str, Told]] = {
    "to_sign": Told(
        "{paper} est à signer",
        "{paper} est prête pour votre signature. Téléchargez le document, signez-le, puis "
        "renvoyez-le depuis la même page\u00a0: un PDF numérisé ou une photo.",
        "Voir le document à signer",
    ),
    "document_refused": Told(
        "{paper}\u00a0: le document est à renvoyer",
        "Nous n’avons pas pu retenir le document signé que nous avons reçu. Renvoyez-le depuis "
        "votre compte.",
        "Renvoyer le document",
        with_reason=True,
    ),
    "signed": Told(
        "{paper} est signée\u00a0: à vous",
        "{paper} est revenue signée. Vérifiez le document, puis contresignez ou validez.",
        "Voir le document signé",
        to="manager",
    ),
    "in_force": Told(
        "Votre convention est en vigueur",
        "Votre convention est contresignée par Emmaüs Connect. Le document et son histoire "
        "restent dans votre compte.",
        "Voir ma convention",
    ),
    "opened": Told(
        "Le compte de votre structure est ouvert",
        "Le compte de votre structure est actif. Votre mot de passe ne change pas. La formation à "
        "la plateforme est l’étape suivante.",
        "Ouvrir mon compte",
    ),
    "validated": Told(
        "Votre avenant est validé",
        "Vos quantités gratuites sont ouvertes aux dates de l’avenant.",
        "Voir mon avenant",
    ),
    "denounced": Told(
        "Votre convention ne sera pas reconduite",
        "Votre convention est dénoncée\u00a0: elle s’applique jusqu’à son dernier jour, puis les "
        "commandes s’arrêtent. Vos paniers sont conservés.",
        "Voir ma convention",
        with_reason=True,
    ),
    "ended_early": Told(
        "Votre avenant est terminé",
        "Votre avenant se termine aujourd’hui\u00a0: ce qui n’a pas été pris n’est plus gratuit.",
        "Voir ma convention",
        with_reason=True,
    ),
    "refused": Told(
        "Votre avenant n’est pas accordé",
        "Votre avenant n’a pas été accordé.",
        "Voir ma convention",
        with_reason=True,
    ),
}


def tell(event: str, paper: Paper, *, user: User | None = None) -> None:
    """Write to the outbox what happened to a paper.

    Args:
        event: a key of `EVENTS`.
        paper: the convention or the avenant.
        user: a person of their own; the event's usual reader by default.
    """
    payload = {"event": event, "kind": kind_of(paper).value, "paper": str(paper.uuid)}
    enqueue("structures.agreement_news", payload | ({"user": str(user.uuid)} if user else {}))


def find(kind: str, uuid: str) -> Paper | None:
    """Return a paper by its public identifier, with what its e-mails name."""
    if kind == Kind.CONVENTION:
        rows = Agreement.objects.select_related("structure__account_manager")
        return rows.filter(uuid=uuid).first()
    avenants = Amendment.objects.select_related("agreement__structure__account_manager")
    return avenants.filter(uuid=uuid).first()


def lead_of(structure: Structure) -> User | None:
    """Return who leads the structure and can be written to."""
    leads = Membership.objects.active().filter(structure=structure, is_structure_lead=True)
    found = leads.filter(user__is_active=True).select_related("user").first()
    return found.user if found else None


def news(payload: dict[str, Any]) -> tuple[User, dict[str, Any]] | None:
    """Return the reader and the context of an e-mail; nothing where nobody can be told."""
    paper, told = find(payload["kind"], payload["paper"]), EVENTS[payload["event"]]
    if paper is None:
        return None
    structure = structure_of(paper)
    if "user" in payload:
        reader = User.objects.filter(uuid=payload["user"], is_active=True).first()
    else:
        reader = lead_of(structure) if told.to == "lead" else structure.account_manager
    if reader is None:
        return None
    return reader, {
        "person": reader,
        "structure": structure,
        "subject": _named(told.subject, paper),
        "sentence": _named(told.sentence, paper),
        "reason": _reason(paper) if told.with_reason else "",
        "label": told.label,
        "url": _address(paper, staff=told.to == "manager"),
    }


def reminders(reminder: AgreementReminder) -> Iterator[tuple[str, User, dict[str, Any]]]:
    """Yield who is reminded of an end (``lead``, then ``manager``), and the context."""
    paper: Paper | None = reminder.agreement or reminder.amendment
    assert paper is not None  # noqa: S101  (the database says so)
    structure = structure_of(paper)
    for role, reader in (("lead", lead_of(structure)), ("manager", structure.account_manager)):
        if reader is None or not reader.is_active:
            continue
        yield (
            role,
            reader,
            {
                "person": reader,
                "structure": structure,
                "subject": f"{_named('{paper}', paper)}\u00a0: {_ends(paper, reminder)}",
                "sentence": _consequence(paper, reminder),
                "reason": "",
                "label": "Voir la convention",
                "url": _address(paper, staff=role == "manager"),
            },
        )


def _ends(paper: Paper, reminder: AgreementReminder) -> str:
    day = french_date(reminder.period_end)
    if isinstance(paper, Agreement) and not paper.has_last_day:
        return f"reconduction après le {day}"
    return f"fin le {day}"


def _consequence(paper: Paper, reminder: AgreementReminder) -> str:
    day = french_date(reminder.period_end)
    if isinstance(paper, Amendment):
        after = (
            "Ensuite, les commandes continuent au prix solidaire."
            if paper.agreement.allows_solidarity_prices
            else "Ensuite, votre convention ne prévoit plus de commandes."
        )
        return (
            f"L’avenant «\u00a0{paper.label}\u00a0» se termine le {day}\u00a0: ce qui n’aura pas "
            f"été pris ne sera plus gratuit. {after}"
        )
    if not paper.has_last_day:
        return (
            f"La convention arrive au terme de son année le {day}. Elle sera reconduite pour un "
            "an, sauf dénonciation d’ici là."
        )
    return (
        f"La convention expire le {day}. Après cette date, les commandes s’arrêtent jusqu’à la "
        "signature d’une nouvelle convention\u00a0; les paniers sont conservés."
    )


def _named(sentence: str, paper: Paper) -> str:
    """Return a sentence that names the paper, in its gender."""
    if isinstance(paper, Agreement):
        return sentence.format(paper="La convention")
    masculine = {"est prête": "est prêt", "signée": "signé", "revenue": "revenu"}
    for feminine, word in masculine.items():
        sentence = sentence.replace(feminine, word)
    return sentence.format(paper=f"L’avenant «\u00a0{paper.label}\u00a0»")


def _reason(paper: Paper) -> str:
    rows = StructureEvent.objects.filter(subject=kind_of(paper), subject_id=str(paper.pk))
    last = rows.exclude(reason="").order_by("-pk").first()
    return last.reason if last else ""


def _address(paper: Paper, *, staff: bool) -> str:
    base: str = settings.WAGTAILADMIN_BASE_URL
    if not staff:
        return f"{base}{reverse('agreements:mine')}"
    name = "conventions:detail" if isinstance(paper, Agreement) else "conventions:avenant"
    return f"{base}{reverse(name, args=[paper.uuid])}"
