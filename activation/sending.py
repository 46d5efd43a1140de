"""Writing requests that the form has checked: one or two hundred, all of them or none."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from activation.applications import Application
from activation.models import ActivationRequest, ActivationSettings
from activation.moves import is_member, log
from portal.accounts.models import User
from portal.structures.models import Structure
from portal.ui.errors import DomainError, NotAllowed


class CardAlreadyUsed(DomainError):
    """Another request, live or activated, holds the card."""

    default_code = "card_used"
    default_message = (
        "Cette carte fait déjà l’objet d’une demande. Vérifiez son numéro, ou retrouvez la "
        "demande dans le suivi."
    )


class StructureClosed(DomainError):
    """The structure is not active."""

    default_code = "structure_closed"
    default_message = (
        "Le compte de votre structure n’est pas actif\u00a0: la demande ne peut pas partir. "
        "Contactez votre référent Emmaüs Connect."
    )


@sensitive_variables()
def submit_each(
    applications: Iterable[tuple[uuid.UUID, Application]], *, by: User, structure: Structure
) -> list[ActivationRequest]:
    """Send requests, all or none, in a constant number of queries.

    Args:
        applications: what the form has checked, each with the key that it is sent under.
        by: a member of ``structure``.
        structure: for whom.

    Raises:
        CardAlreadyUsed: another request, or two of these, hold a card.
        StructureClosed: the structure is not active.
        NotAllowed: ``by`` is no member.
        IntegrityError: a key was used before.
    """
    check_may_submit(by, structure)
    settings = ActivationSettings.load()
    now = timezone.now()
    rows = []
    for key, application in applications:
        columns = application.columns()
        times = times_of(settings, now, portability=columns["portability"])
        rows.append(
            ActivationRequest(
                submission_key=key, structure=structure, created_by=by, **columns, **times
            )
        )
    try:
        with transaction.atomic():
            ActivationRequest.objects.bulk_create(rows)
            log([(row, "", "") for row in rows], by=by)
    except IntegrityError as error:
        raise refusal(error) from error
    return rows


def times_of(
    settings: ActivationSettings, now: dt.datetime, *, portability: bool
) -> dict[str, Any]:
    """Return the columns that say when a request sent ``now`` (aware) is to be treated."""
    due, expected = settings.due_times(now, portability=portability)
    return {"submitted_at": now, "due_at": due, "expected_at": expected}


def refusal(error: IntegrityError) -> Exception:
    """Return what to raise for a row that the database refused."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "")
    return CardAlreadyUsed() if name == "activation_card_once" else error


def check_may_submit(by: User, structure: Structure) -> None:
    """Make sure that ``by`` may send requests for ``structure`` now.

    Raises:
        StructureClosed: the structure is not active.
        NotAllowed: ``by`` is no member.
    """
    if not is_member(by, structure.pk):
        raise NotAllowed
    if structure.state != Structure.State.ACTIVE:
        raise StructureClosed
