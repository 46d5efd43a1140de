"""What a candidate does: begin, say step by step, send, come back, withdraw."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.candidatures.arrivals import announce
from portal.candidatures.models import (
    EDITABLE,
    OPEN,
    Candidature,
    CandidatureMember,
    Need,
    State,
)
from portal.candidatures.states import check_move, locked, log, move
from portal.days import add_working_days
from portal.outbox.services import enqueue
from portal.structures.offer import OfferedProduct
from portal.ui.errors import DomainError

#: The steps of the form, in their order. All are saved before the candidature is sent.
STEPS = ("structure", "lieu", "referent", "equipe", "besoins")
TWIN = (
    "Une candidature est déjà en cours pour ce numéro. Voyez avec vos collègues qui l’a "
    "déposée\u00a0: cette personne a reçu un lien de suivi. Si personne ne la retrouve, écrivez à "
    "relaisnumeriques@emmaus-connect.org."
)


class NotEditable(DomainError):
    """The candidature was sent or closed meanwhile, in another tab or by a référent."""

    default_code = "not_editable"
    default_message = (
        "Votre candidature est déjà envoyée ou fermée\u00a0: elle ne se modifie plus. Rien n’a "
        "été enregistré."
    )


class Incomplete(DomainError):
    """A step was not saved yet."""

    default_code = "incomplete"
    default_message = "Il manque une étape\u00a0: remplissez-la avant d’envoyer."


class AlreadyThere(DomainError):
    """Another candidature in hand carries the same number."""

    default_code = "already_there"


@dataclass(frozen=True)
class Person:
    """A colleague as the candidate names them."""

    first_name: str
    last_name: str
    email: str


@transaction.atomic
def start(*, email: str) -> Candidature:
    """Begin a candidature and send the link that brings one back to it.

    Args:
        email: of the person who fills it in, in any case.
    """
    candidature = Candidature.objects.create(email=email.strip().lower())
    log(candidature, was="", by=None)
    _send_link(candidature)
    return candidature


@transaction.atomic
def send_links(*, email: str) -> None:
    """Send a new link to each candidature of an address that is under way; it tells nobody which.

    Args:
        email: as typed, in any case.
    """
    living = EDITABLE | OPEN | {State.ACCEPTED}
    for one in Candidature.objects.filter(email=email.strip().lower(), state__in=living)[:5]:
        _send_link(one)


def confirm_email(candidature: Candidature) -> None:
    """Note that somebody came by the link: the address is theirs."""
    rows = Candidature.objects.filter(pk=candidature.pk, email_confirmed_at__isnull=True)
    rows.update(email_confirmed_at=timezone.now())


@transaction.atomic
def save(candidature: Candidature, *, step: str, values: Mapping[str, object]) -> Candidature:
    """Keep what a step says; it can be said again until the candidature is sent.

    Args:
        candidature: locked and read again here.
        step: one of `STEPS`.
        values: by name of the field, clean.

    Raises:
        NotEditable: it was sent or closed meanwhile.
    """
    row = _editable(candidature)
    for name, value in values.items():
        setattr(row, name, value)
    _mark(row, step)
    return row


@transaction.atomic
def save_team(candidature: Candidature, *, people: Iterable[Person]) -> Candidature:
    """Keep the colleagues announced, in place of those said before.

    Raises:
        NotEditable: it was sent or closed meanwhile.
    """
    row = _editable(candidature)
    row.members.all().delete()
    CandidatureMember.objects.bulk_create(
        CandidatureMember(
            candidature=row,
            first_name=one.first_name,
            last_name=one.last_name,
            email=one.email.lower(),
        )
        for one in people
    )
    _mark(row, "equipe")
    return row


@transaction.atomic
def save_needs(
    candidature: Candidature,
    *,
    asked: Mapping[OfferedProduct, int],
    equipment: str,
) -> Candidature:
    """Keep the needs, in place of those said before.

    Args:
        candidature: locked and read again here.
        asked: units a month by product; 0 for none.
        equipment: what they wish besides, recorded for a later avenant.

    Raises:
        NotEditable: it was sent or closed meanwhile.
    """
    row = _editable(candidature)
    row.needs.all().delete()
    Need.objects.bulk_create(
        Need(candidature=row, upc=product.upc, title=product.title, per_month=count)
        for product, count in asked.items()
        if count
    )
    row.equipment = equipment
    _mark(row, "besoins")
    return row


@transaction.atomic
def submit(candidature: Candidature) -> Candidature:
    """Send a candidature, or send it again once completed; the answer is promised from today.

    Raises:
        MoveRefused: it was sent or closed already.
        Incomplete: a step was not saved.
        AlreadyThere: another one in hand carries the same SIRET or RNA number.
    """
    row = locked(candidature)
    check_move(row, State.SUBMITTED)
    if missing(row):
        raise Incomplete
    check_alone(row)
    row.submitted_at = timezone.now()
    row.promised_on = promise(timezone.localdate(row.submitted_at))
    try:
        with transaction.atomic():
            event = move(row, State.SUBMITTED, by=None)
    except IntegrityError as error:  # another one came in between: the database says so
        raise AlreadyThere(TWIN) from error
    enqueue("candidatures.moved", {"event": event.pk})
    announce(event)
    return row


@transaction.atomic
def withdraw(candidature: Candidature) -> Candidature:
    """Take a candidature back.

    Raises:
        MoveRefused: it is decided already.
    """
    row = locked(candidature)
    event = move(row, State.WITHDRAWN, by=None)
    enqueue("candidatures.moved", {"event": event.pk})
    return row


def missing(candidature: Candidature) -> list[str]:
    """Return the steps that were not saved yet, in their order."""
    return [step for step in STEPS if step not in candidature.saved_steps]


def promise(day: dt.date) -> dt.date:
    """Return the last day on which a candidature that came on ``day`` is answered."""
    return add_working_days(day, settings.CANDIDATURE_ANSWER_DAYS)


def check_alone(candidature: Candidature) -> None:
    """Let a candidature pass where no other one in hand carries its SIRET or RNA number.

    Raises:
        AlreadyThere: saying what to do.
    """
    if Candidature.objects.twins_of(candidature).exists():
        raise AlreadyThere(TWIN)


def _editable(candidature: Candidature) -> Candidature:
    row = locked(candidature)
    if not row.is_editable:
        raise NotEditable
    return row


def _mark(candidature: Candidature, step: str) -> None:
    if step not in candidature.saved_steps:
        candidature.saved_steps.append(step)
    candidature.save()


def _send_link(candidature: Candidature) -> None:
    enqueue("candidatures.link", {"candidature": str(candidature.uuid)})


@transaction.atomic
def purge_drafts() -> int:
    """Delete what nobody sent and nobody touched for thirty days; return how many were.

    A candidature that was sent stays, whatever became of it: its log is the proof of the answer.
    What is refused or withdrawn is anonymised later: see `portal.candidatures.retention`.
    """
    limit = timezone.now() - settings.CANDIDATURE_DRAFTS_KEPT
    abandoned = Candidature.objects.filter(submitted_at__isnull=True, updated_at__lt=limit)
    count = abandoned.count()
    abandoned.delete()
    return count
