"""A person's data, for the administrator whom that person asked: found, given, erased."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from activation.applications import person_fingerprint
from activation.models import ActivationRequest, ActivationRequestQuerySet, PurgeProof
from activation.moves import Wish, move_each
from activation.privacy import anonymise
from activation.states import AT_SFR, OPEN, State
from portal.accounts.models import User
from portal.outbox import retention
from portal.privacy.crypto import fingerprint
from portal.privacy.services import record
from portal.ui.errors import DomainError, NotAllowed

PERMISSION = "activation.manage_personal_data"
#: Hexadecimal digits of a reference: the head of a request's public identifier.
REFERENCE = 8


class NothingToErase(DomainError):
    """None of the requests can be erased now."""

    default_code = "nothing_to_erase"
    default_message = (
        "Rien n’a été effacé\u00a0: ces demandes le sont déjà, ou SFR les traite. Une demande "
        "transmise à SFR s’efface quand elle est close."
    )


@sensitive_variables("last_name", "first_name", "birth_date")
def of_person(
    last_name: str, first_name: str, birth_date: str, *, by: User
) -> ActivationRequestQuerySet:
    """Return the requests for a person, however their name is written.

    Args:
        last_name: as on their papers.
        first_name: the same.
        birth_date: ISO.
        by: recorded, without the name.
    """
    mark = person_fingerprint(last_name, first_name, birth_date)
    return _searched(ActivationRequest.objects.filter(person_fingerprint=mark), "person", by)


@sensitive_variables("iccid")
def of_card(iccid: str, *, by: User) -> ActivationRequestQuerySet:
    """Return the requests for a card (clean, 20 digits), anonymised ones too; see `of_person`."""
    mark = fingerprint("iccid", iccid)
    return _searched(ActivationRequest.objects.filter(iccid_fingerprint=mark), "card", by)


def of_reference(reference: str, *, by: User) -> ActivationRequestQuerySet:
    """Return the request that people call ``reference`` (8 hexadecimal digits)."""
    return _searched(ActivationRequest.objects.referenced(reference), "reference", by)


def chosen(identifiers: Collection[uuid.UUID], *, by: User) -> ActivationRequestQuerySet:
    """Return these requests, without their data.

    Raises:
        NotAllowed: ``by`` is no administrator.
    """
    _check(by)
    return _listed(ActivationRequest.objects.filter(uuid__in=identifiers))


@dataclass(frozen=True)
class Erasure:
    """What was done. ``kept`` are requests that SFR treats, or that were anonymised before."""

    proof: PurgeProof
    cancelled: int
    kept: Sequence[ActivationRequest]


@transaction.atomic
def erase(identifiers: Collection[uuid.UUID], *, by: User) -> Erasure:
    """Anonymise the requests for good, and cancel first those that are under way.

    One that SFR has is left alone: SFR opens a line in that name, and its answer must find it.

    Raises:
        NothingToErase: SFR has them all, or they are anonymised.
        NotAllowed: ``by`` is no administrator.
    """
    _check(by)
    rows = list(
        ActivationRequest.objects.without_personal_data()
        .select_for_update(of=("self",))
        .filter(uuid__in=identifiers)
        .order_by("pk")
    )
    erased = [one for one in rows if may_erase(one)]
    if not erased:
        raise NothingToErase
    underway = [one for one in erased if one.state in OPEN]
    outcome = move_each([Wish(one.pk, State.CANCELLED) for one in underway], by=by)
    for error in outcome.refused.values():
        raise error
    proof = anonymise.begin(by=by, closed_before=None)
    anonymise.blank([one.pk for one in erased], at=proof.at)
    anonymise.extend(proof, [one.uuid for one in erased])
    retention.forget("request", [str(one.uuid) for one in erased])
    for one in erased:
        record(by=by, action="activation.person_erased", target=one, proof=proof.pk)
    return Erasure(proof, len(underway), [one for one in rows if one not in erased])


def may_erase(request: ActivationRequest) -> bool:
    """Return whether the request can be erased now."""
    return request.anonymised_at is None and request.state not in AT_SFR


def _check(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise NotAllowed("Seul un administrateur traite les données d’une personne.")


def _listed(found: ActivationRequestQuerySet) -> ActivationRequestQuerySet:
    people = found.select_related("structure", "taken_by", "created_by")
    return people.without_personal_data().order_by("-submitted_at", "-pk")


def _searched(
    found: ActivationRequestQuerySet, criterion: str, by: User
) -> ActivationRequestQuerySet:
    _check(by)
    record(by=by, action="activation.person_searched", target=by, by_what=criterion)
    return _listed(found)
