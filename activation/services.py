"""What happens to an activation request; `activation.moves` writes each state."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from activation import checks
from activation.applications import Application
from activation.models import (
    ActivationEvent,
    ActivationRequest,
    ActivationSettings,
    CheckOverride,
)
from activation.models.follow_up import Check
from activation.moves import MoveRefused, explanation, is_member, move
from activation.rights import PROCESS, check_operator
from activation.sending import CardAlreadyUsed as CardAlreadyUsed
from activation.sending import StructureClosed as StructureClosed
from activation.sending import check_may_submit, refusal, submit_each, times_of
from activation.states import HELD, State
from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import Structure
from portal.ui.errors import NotAllowed


@sensitive_variables()
def submit(
    application: Application, *, by: User, structure: Structure, key: uuid.UUID
) -> ActivationRequest:
    """Send a request; the same ``key`` sent twice for a card gives one request.

    Args:
        application: what the form has checked.
        by: a member of ``structure``.
        structure: for whom.
        key: drawn with the form, so that a double click or a retry is recognised.

    Raises:
        CardAlreadyUsed: another request holds the card.
        StructureClosed: the structure is not active.
        NotAllowed: ``by`` is no member.
    """
    columns = application.columns()
    known = _submitted_before(key, by, columns)
    if known:
        return known
    # The form may have been sent, then filled anew for another card: that is another request.
    # `key` itself stays, to recognise a twin that commits meanwhile.
    used = ActivationRequest.objects.filter(submission_key=key).exists()
    try:
        sent = submit_each(
            [(uuid.uuid4() if used else key, application)], by=by, structure=structure
        )
    except (CardAlreadyUsed, IntegrityError):
        known = _submitted_before(key, by, columns)
        if known:
            return known
        raise
    return sent[0]


@sensitive_variables()
def resubmit(
    request: ActivationRequest, application: Application, *, by: User
) -> ActivationRequest:
    """Send a corrected request again; its delays start anew.

    Raises:
        CardAlreadyUsed: the corrected card is another request's.
        MoveRefused: nothing is to be corrected any more.
    """
    check_may_submit(by, request.structure)
    columns = application.columns()
    times = times_of(ActivationSettings.load(), timezone.now(), portability=columns["portability"])
    try:
        with transaction.atomic():
            sent = move(request, State.SUBMITTED, by=by, changes={**columns, **times})
            sent.overrides.filter(voided_at=None).update(voided_at=times["submitted_at"])
            return sent
    except IntegrityError as error:
        raise refusal(error) from error


def cancel(request: ActivationRequest, *, by: User) -> ActivationRequest:
    """Cancel a request for its partner, before it is transmitted.

    Raises:
        MoveRefused: SFR has it already, or it is closed.
    """
    return move(request, State.CANCELLED, by=by)


def take(request: ActivationRequest, *, by: User) -> ActivationRequest:
    """Make ``by`` the one operator of a request.

    Raises:
        MoveRefused: somebody else has taken it, or it waits no longer.
    """
    return move(request, State.IN_PROGRESS, by=by)


@transaction.atomic
def reassign(request: ActivationRequest, *, to: User, by: User) -> ActivationRequest:
    """Hand a request to another operator: a colleague is away, or it is theirs to treat.

    Raises:
        MoveRefused: nobody holds it, or ``to`` is no operator.
        NotAllowed: ``by`` is no operator.
    """
    row = (
        ActivationRequest.objects.select_for_update(of=("self",))
        .select_related("taken_by")
        .get(pk=request.pk)
    )
    check_operator(by)
    if row.state not in HELD:
        raise MoveRefused(explanation(row))
    if not (to.is_active and to.has_perm(PROCESS)):
        raise MoveRefused(f"{to} ne traite pas les demandes d’activation. Choisissez un opérateur.")
    row.taken_by = to
    row.save(update_fields=["taken_by"])
    ActivationEvent.objects.create(request=row, origin=row.state, to=row.state, by=by)
    record(by=by, action="activation.reassigned", target=row, to=to.pk)
    return row


@transaction.atomic
@sensitive_variables()
def override(request: ActivationRequest, check: Check, *, by: User, reason: str) -> None:
    """Go past what a check found, and say why; a second time changes nothing.

    Raises:
        MoveRefused: ``by`` does not hold the request, there is no such finding, or no reason.
    """
    row = ActivationRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.taken_by_id != by.pk:
        raise MoveRefused(explanation(row))
    if not reason.strip():
        raise MoveRefused("Indiquez pourquoi vous levez ce contrôle : c’est enregistré.")
    found = {one.check: one for one in checks.findings([row])[row.pk]}
    if check not in found:
        raise MoveRefused("Rien n’a été modifié : ce contrôle ne trouve plus rien à redire.")
    if found[check].override:
        return
    CheckOverride.objects.create(request=row, check_code=check, by=by, reason=reason.strip())
    record(by=by, action="activation.overridden", target=row, check=check.value)


def activate(request: ActivationRequest, *, by: User, line_number: str) -> ActivationRequest:
    """Close a request whose line works; the beneficiary's SMS leaves.

    Args:
        line_number: E.164.

    Raises:
        MoveRefused: ``by`` does not hold it, or its state does not allow it.
    """
    return move(request, State.ACTIVATED, by=by, changes={"line_number": line_number})


def reveal(request: ActivationRequest, *, by: User, why: str) -> ActivationRequest:
    """Return the request with its data in clear, and record that ``by`` has seen them.

    Args:
        why: the screen, such as ``processing``.

    Raises:
        NotAllowed: ``by`` neither has taken it nor has to correct it.
    """
    row = ActivationRequest.objects.select_related("structure", "created_by").get(pk=request.pk)
    corrects = row.state == State.TO_CORRECT and is_member(by, row.structure_id)
    if not (row.taken_by_id == by.pk or corrects):
        raise NotAllowed(
            "Les données du bénéficiaire ne sont visibles que par la personne qui traite la "
            "demande."
        )
    record(by=by, action="activation.revealed", target=row, why=why)
    return row


def _submitted_before(
    key: uuid.UUID, by: User, columns: Mapping[str, Any]
) -> ActivationRequest | None:
    return ActivationRequest.objects.filter(
        submission_key=key, created_by=by, iccid_fingerprint=columns["iccid_fingerprint"]
    ).first()
