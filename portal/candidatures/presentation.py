"""Words and figures of the public pages: no rule, no query but what they show."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from portal.candidatures.models import Candidature, State
from portal.candidatures.services import STEPS
from portal.structures import steps as path
from portal.structures.steps import Fact, Step
from portal.ui.text import format_phone


@dataclass(frozen=True)
class Share:
    """A share of people in France; ``percent`` none where the deck gives words alone."""

    text: str
    percent: int | None = None


@dataclass(frozen=True)
class Figure:
    """One of the four answers of the deck's annexe 3, with what it answers to."""

    title: str
    quote: str
    shares: tuple[Share, ...]


FIGURES = (
    Figure(
        "Connecter",
        "Je n’ai pas accès à internet",
        (
            Share("des Français n’ont pas accès à internet", 10),
            Share("n’ont pas d’ordinateur", 20),
            Share("n’ont pas internet à domicile", 15),
        ),
    ),
    Figure(
        "Former",
        "Je ne me connecte jamais à internet",
        (
            Share("des Français ne se connectent jamais", 12),
            Share("des personnes non diplômées", 48),
            Share("des personnes à bas revenus", 19),
        ),
    ),
    Figure(
        "Pratiquer",
        "Je ne peux pas faire seul mes démarches en ligne",
        (
            Share("des Français ne font pas seuls leurs démarches en ligne", 32),
            Share("Méconnaissance du service"),
            Share("Peur de se tromper"),
        ),
    ),
    Figure(
        "Motiver",
        "Je ne vois aucun intérêt à internet",
        (
            Share("des Français n’y voient aucun intérêt", 7),
            Share("sont inquiets face à internet", 39),
            Share("craignent pour leur sécurité en ligne", 90),
        ),
    ),
)


@dataclass(frozen=True)
class Stage:
    """One of the eight steps as the presentation tells it: who acts, and within which delay."""

    title: str
    text: str
    who: str
    delay: str = ""


AFTER_SIGNATURE = "{} à {} jours ouvrés après la signature".format(*settings.ACCOUNT_DAYS)
STAGES = (
    Stage(
        "Candidature, convention, avenant",
        "Vous dites qui vous êtes et ce dont vos bénéficiaires ont besoin, puis vous signez.",
        "Vous",
        f"Réponse à la candidature sous {settings.CANDIDATURE_ANSWER_DAYS} jours ouvrés",
    ),
    Stage(
        "Validation de vos besoins",
        "Votre référent valide les quantités, et le retrait ou l’envoi des cartes SIM.",
        path.US,
        AFTER_SIGNATURE,
    ),
    Stage(
        "Activation du compte en ligne",
        "Chaque membre de l’équipe reçoit un lien pour choisir son mot de passe.",
        path.US,
        AFTER_SIGNATURE,
    ),
    Stage(
        "Inscription à une formation",
        "Vous choisissez une session parmi celles du planning. Elle est obligatoire.",
        "Vous",
    ),
    Stage(
        "Formation",
        "Une heure à distance\u00a0: les offres, les commandes, l’activation, les questions.",
        "Ensemble",
        "{} à {} jours ouvrés après la signature".format(*settings.TRAINING_DAYS),
    ),
    Stage(
        "Cartes SIM",
        "Vous les recevez ou les retirez, puis vous les activez en ligne.",
        "Ensemble",
        f"Premier envoi {AFTER_SIGNATURE}",
    ),
    Stage(
        "Commandes",
        "Recharges gratuites, payantes si nécessaire, et d’autres cartes SIM si besoin.",
        "Vous",
        "À toute heure",
    ),
    Stage(
        "Facturation",
        "Une facture par mois, seulement si vous avez consommé des recharges payantes.",
        path.US,
        "Chaque mois",
    ),
)

#: The steps of the form, as its progress shows them.
LABELS = {
    "structure": "Structure",
    "lieu": "Lieu",
    "referent": "Référent",
    "equipe": "Équipe",
    "besoins": "Besoins",
    "verifier": "Envoi",
}


def progress(candidature: Candidature, current: str) -> list[dict[str, str]]:
    """Return the steps of the form for the component « steps »."""
    return [
        {
            "label": label,
            "state": "current"
            if name == current
            else "done"
            if name in candidature.saved_steps
            else "next",
        }
        for name, label in LABELS.items()
    ]


def summary(candidature: Candidature) -> list[dict[str, Any]]:
    """Return all that was said, by step, for the component « summary_list »."""
    said = candidature
    team = ", ".join(f"{one} ({one.email})" for one in said.members.all())
    needs = [(need.title, f"{need.per_month} par mois") for need in said.needs.all()]
    rows = {
        "structure": [
            ("Nom", said.name),
            ("Type", said.get_kind_display()),
            ("SIRET", said.siret),
            ("Numéro RNA", said.rna),
            ("Public accueilli", said.public),
        ],
        "lieu": [
            ("Adresse", f"{said.address}, {said.postcode} {said.city}" if said.address else ""),
            ("Cartes SIM", said.get_delivery_mode_display()),
        ],
        "referent": [
            ("Référent", said.lead_name),
            ("Adresse e-mail", said.lead_email),
            ("Téléphone", format_phone(said.lead_phone)),
        ],
        "equipe": [("Autres membres", team or "Personne d’autre pour le moment")],
        "besoins": [*needs, ("Équipement souhaité", said.equipment or "Aucun")],
    }
    if said.is_anonymised:  # nothing is said of what was forgotten, not even that it was nothing
        place = [("Code postal", said.postcode), *rows["lieu"]]
        rows |= {"lieu": place, "referent": [], "equipe": [], "besoins": needs}
    return [
        {
            "title": LABELS[step],
            "href": reverse("candidatures:step", args=[step]),
            "rows": [{"label": label, "value": value} for label, value in rows[step] if value],
        }
        for step in STEPS
        if rows[step]
    ]


def facts_of(candidature: Candidature) -> dict[Fact, dt.date]:
    """Return what a candidature alone tells of the eight steps."""
    facts: dict[Fact, dt.date] = {}
    if candidature.submitted_at and candidature.state != State.TO_COMPLETE:
        facts[Fact.SUBMITTED] = timezone.localdate(candidature.submitted_at)
    if candidature.promised_on and candidature.state == State.SUBMITTED:
        facts[Fact.ANSWER_BY] = candidature.promised_on
    return facts


def steps_of(candidature: Candidature) -> list[Step]:
    """Return the eight steps, of the structure as soon as there is one."""
    if candidature.structure is not None:
        return path.steps(candidature.structure)
    return path.plan(facts_of(candidature))


def last_reason(candidature: Candidature) -> str:
    """Return what the référent wrote with the state that the candidature is in."""
    last = candidature.events.order_by("-pk").first()
    return last.reason if last and last.now == candidature.state else ""
