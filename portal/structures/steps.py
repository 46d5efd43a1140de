"""The eight steps of the deck, computed from what happened; nobody keeps them by hand.

Each part tells the facts that it knows, for many structures at once, so that a list of structures
costs as many queries as there are facts. Source of the order and of the delays: the deck, « Les
grandes étapes » and annexe 1; delays are in working days.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from django.conf import settings
from django.db.models import Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.days import add_working_days
from portal.structures.models import Agreement, Amendment, Membership, Structure, StructureEvent
from portal.ui.registry import keeper

YOU: Final = "vous"
US: Final = "Emmaüs Connect"
State = Literal["done", "current", "to_come"]


class Fact(StrEnum):
    """What a step is computed from; each is known with its first day."""

    SUBMITTED = "submitted"
    ANSWER_BY = "answer_by"  # promised, the only one that may be in the future
    ACCEPTED = "accepted"
    TO_SIGN = "to_sign"
    SIGNED = "signed"
    VALIDATED = "validated"
    ACTIVATED = "activated"
    REGISTERED = "registered"
    TRAINED = "trained"
    CARDS = "cards"
    ORDERED = "ordered"
    INVOICED = "invoiced"


Facts = Mapping[Fact, dt.date]
Provider = Callable[[Collection[int]], Mapping[int, dt.date]]
_providers: dict[Fact, Provider] = {}

#: The fact that ends each step, and what the step is called.
TITLES: Final[tuple[tuple[Fact, str], ...]] = (
    (Fact.SIGNED, "Candidature, convention et avenant"),
    (Fact.VALIDATED, "Validation de vos besoins"),
    (Fact.ACTIVATED, "Activation du compte en ligne"),
    (Fact.REGISTERED, "Inscription à une session de formation"),
    (Fact.TRAINED, "Formation à distance, 1 heure"),
    (Fact.CARDS, "Réception des cartes SIM"),
    (Fact.ORDERED, "Première commande de recharges"),
    (Fact.INVOICED, "Facture mensuelle des recharges payantes"),
)
#: A later fact that cannot be without the earlier one, for structures older than this register.
_IMPLIED: Final = (
    (Fact.REGISTERED, Fact.TRAINED),
    (Fact.VALIDATED, Fact.ACTIVATED),
    (Fact.SIGNED, Fact.ACTIVATED),
)


@dataclass(frozen=True)
class Step:
    """One of the eight; ``promised_on`` is the last day promised, ``ball`` who acts next."""

    number: int
    title: str
    state: State
    text: str
    ball: str
    done_on: dt.date | None = None
    promised_on: dt.date | None = None

    @property
    def late(self) -> bool:
        """Return whether the promised day is over and the step is not."""
        return (
            self.state != "done"
            and self.promised_on is not None
            and self.promised_on < timezone.localdate()
        )


def register_fact(key: Fact) -> Callable[[Provider], Provider]:
    """Register who tells a fact: first day by key of structure, in one query.

    Raises:
        ValueError: somebody tells it already.
    """
    return keeper(_providers, key, "the fact")


def known(key: Fact, structures: Collection[int]) -> Mapping[int, dt.date]:
    """Return one fact of structures; nothing where no part tells it yet."""
    provider = _providers.get(key)
    return provider(structures) if provider and structures else {}


def facts_of(structures: Iterable[Structure]) -> dict[int, dict[Fact, dt.date]]:
    """Return what is known of each structure, by its key; one query a fact."""
    keys = [one.pk for one in structures]
    found: dict[int, dict[Fact, dt.date]] = {key: {} for key in keys}
    for fact in _providers:
        for key, day in known(fact, keys).items():
            found[key][fact] = day
    return found


def plan(facts: Facts) -> list[Step]:
    """Return the eight steps of a structure of which ``facts`` are known."""
    full = dict(facts)
    for early, late in _IMPLIED:
        if late in full:
            full.setdefault(early, full[late])
    current = next((fact for fact, _ in TITLES if fact not in full), None)
    return [
        Step(
            number=number,
            title=title,
            state="done" if fact in full else "current" if fact == current else "to_come",
            text=_text(fact, full),
            ball=_ball(fact, full),
            done_on=full.get(fact),
            promised_on=None if fact in full else _promised(fact, full),
        )
        for number, (fact, title) in enumerate(TITLES, start=1)
    ]


def steps(structure: Structure) -> list[Step]:
    """Return the eight steps of a structure; one that a référent entered counts as accepted."""
    facts = facts_of([structure])[structure.pk]
    facts.setdefault(Fact.ACCEPTED, timezone.localdate(structure.created_at))
    return plan(facts)


def current_step(found: list[Step]) -> Step | None:
    """Return the step that is being taken; none where all are done."""
    return next((step for step in found if step.state == "current"), None)


def _promised(fact: Fact, facts: Facts) -> dt.date | None:
    """Return the last day promised for a step, as soon as what it counts from is known."""
    if fact is Fact.SIGNED:
        return None if Fact.ACCEPTED in facts else facts.get(Fact.ANSWER_BY)
    days = {
        Fact.VALIDATED: settings.ACCOUNT_DAYS,
        Fact.ACTIVATED: settings.ACCOUNT_DAYS,
        Fact.TRAINED: settings.TRAINING_DAYS,
    }.get(fact)
    signed = facts.get(Fact.SIGNED)
    return add_working_days(signed, days[1]) if days and signed else None


def _ball(fact: Fact, facts: Facts) -> str:
    if fact is Fact.SIGNED:
        sent = Fact.SUBMITTED in facts or Fact.ACCEPTED in facts
        return US if sent and Fact.TO_SIGN not in facts else YOU
    ours = {Fact.VALIDATED, Fact.ACTIVATED, Fact.CARDS, Fact.INVOICED}
    return US if fact in ours else YOU


def _text(fact: Fact, facts: Facts) -> str:
    """Return what the step consists of, or what is to be done in it now."""
    if fact is Fact.SIGNED:
        return _signing(facts)
    return {
        Fact.VALIDATED: "Votre référent Emmaüs Connect valide vos besoins et le retrait ou "
        "l’envoi des cartes SIM.",
        Fact.ACTIVATED: "Chaque membre de l’équipe reçoit un lien personnel pour choisir son "
        "mot de passe.",
        Fact.REGISTERED: "Choisissez une session dans Mon compte, page «\u00a0Formation\u00a0». "
        "Elle est obligatoire.",
        Fact.TRAINED: "Les offres, les conseils aux bénéficiaires, les commandes, l’activation "
        "des cartes SIM et les questions fréquentes. Les commandes s’ouvrent ensuite.",
        Fact.CARDS: "Vous recevez ou retirez les cartes, puis vous remplissez le formulaire "
        "d’activation en ligne.",
        Fact.ORDERED: "Recharges gratuites dans la limite de l’avenant, payantes si nécessaire, "
        "et d’autres cartes SIM si besoin.",
        Fact.INVOICED: "Seulement si vous avez consommé des recharges payantes.",
    }[fact]


def _signing(facts: Facts) -> str:
    if Fact.SIGNED in facts:
        return "La convention et l’avenant sont signés."
    if Fact.TO_SIGN in facts:
        return (
            "Signez la convention et l’avenant\u00a0: ils sont dans Mon compte, page "
            "«\u00a0Convention\u00a0»."
        )
    if Fact.ACCEPTED in facts:
        return "Emmaüs Connect prépare la convention et l’avenant."
    if Fact.SUBMITTED in facts:
        return "Emmaüs Connect étudie votre candidature."
    return "Remplissez la candidature, avec les besoins de vos bénéficiaires, puis envoyez-la."


@register_fact(Fact.TO_SIGN)
def _to_sign(structures: Collection[int]) -> Mapping[int, dt.date]:
    rows = StructureEvent.objects.filter(
        structure__in=structures, subject="convention", now=Agreement.State.TO_SIGN
    )
    days = rows.order_by().values_list("structure").annotate(day=Min("at"))
    return {key: timezone.localdate(at) for key, at in days}


@register_fact(Fact.SIGNED)
def _signed(structures: Collection[int]) -> Mapping[int, dt.date]:
    rows = Agreement.objects.filter(structure__in=structures, signed_on__isnull=False)
    return dict(rows.order_by().values_list("structure").annotate(day=Min("signed_on")))


@register_fact(Fact.VALIDATED)
def _validated(structures: Collection[int]) -> Mapping[int, dt.date]:
    validated = (Amendment.State.VALIDATED, Amendment.State.ENDED)
    rows = (
        Amendment.objects.filter(agreement__structure__in=structures, state__in=validated)
        .order_by()
        .values_list("agreement__structure")
        .annotate(day=Min("signed_on"), start=Min("starts_on"))
    )
    return {key: signed or start for key, signed, start in rows}


@register_fact(Fact.ACTIVATED)
def _activated(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when the account opened; the day of creation where no move was written down."""
    moved = Q(events__subject="structure", events__now=Structure.State.ACTIVE)
    opened = (Structure.State.ACTIVE, Structure.State.SUSPENDED)
    rows = (
        Structure.objects.filter(pk__in=structures, state__in=opened)
        .order_by()
        .annotate(at=Coalesce(Min("events__at", filter=moved), "created_at"))
    )
    return {key: timezone.localdate(at) for key, at in rows.values_list("pk", "at")}


@register_fact(Fact.TRAINED)
def _trained(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when the first of the team was trained, or let off."""
    rows = (
        Membership.objects.filter(structure__in=structures, is_active=True)
        .filter(Q(trained_at__isnull=False) | Q(training_waived_by__isnull=False))
        .order_by()
        .values_list("structure")
        .annotate(at=Min(Coalesce("trained_at", "created_at")))
    )
    return {key: timezone.localdate(at) for key, at in rows}
