"""What happens to an activation request. `move` is the one writer of a state."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from activation.applications import Application
from activation.models import ActivationEvent, ActivationRequest, ActivationSettings
from activation.states import CLOSED, EXPLAINED, HELD, MOVES, Actor, Move, State
from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.structures.models import Membership, Structure
from portal.ui.errors import DomainError, NotAllowed

SMS_TOPIC = "activation.activated_sms"
EMAIL_TOPIC = "activation.state_changed_email"
#: The messages that leave when a request reaches a state.
MESSAGES: Mapping[State, tuple[str, ...]] = {
    State.ACTIVATED: (SMS_TOPIC, EMAIL_TOPIC),
    State.TO_CORRECT: (EMAIL_TOPIC,),
    State.REFUSED: (EMAIL_TOPIC,),
}


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


class MoveRefused(DomainError):
    """The table of moves, or another person's hand, says no."""

    default_code = "move_refused"


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
    _check_may_submit(by, structure)
    # The form may have been sent, then filled anew for another card: that is another request.
    # `key` itself stays, to recognise a twin that commits meanwhile.
    used = ActivationRequest.objects.filter(submission_key=key).exists()
    try:
        with transaction.atomic():
            request = ActivationRequest.objects.create(
                submission_key=uuid.uuid4() if used else key,
                structure=structure,
                created_by=by,
                **columns,
                **_times(portability=columns["portability"]),
            )
            _log(request, "", by=by)
    except IntegrityError as error:
        known = _submitted_before(key, by, columns)
        if known:
            return known
        raise _refusal(error) from error
    return request


@sensitive_variables()
def resubmit(
    request: ActivationRequest, application: Application, *, by: User
) -> ActivationRequest:
    """Send a corrected request again; its delays start anew.

    Raises:
        CardAlreadyUsed: the corrected card is another request's.
        MoveRefused: nothing is to be corrected any more.
    """
    _check_may_submit(by, request.structure)
    columns = application.columns()
    times = _times(portability=columns["portability"])
    try:
        with transaction.atomic():
            return move(request, State.SUBMITTED, by=by, changes={**columns, **times})
    except IntegrityError as error:
        raise _refusal(error) from error


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
    corrects = row.state == State.TO_CORRECT and _is_member(by, row.structure_id)
    if not (row.taken_by_id == by.pk or corrects):
        raise NotAllowed(
            "Les données du bénéficiaire ne sont visibles que par la personne qui traite la "
            "demande."
        )
    record(by=by, action="activation.revealed", target=row, why=why)
    return row


@transaction.atomic
@sensitive_variables()
def move(
    request: ActivationRequest,
    to: State,
    *,
    by: User,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> ActivationRequest:
    """Bring a request to the state ``to``: the only place that writes a state.

    Locks the row, checks the table of moves and the actor, writes the row and its log, and
    enqueues the messages of the new state.

    Args:
        request: the row is read anew under lock; this copy only says which.
        to: the state wanted.
        by: who moves it.
        reason: kept encrypted; asked for by some moves.
        changes: other columns of the same write.

    Raises:
        MoveRefused: the table has no such move from the present state, or a reason is missing.
        NotAllowed: the move is not for ``by``.
    """
    row = ActivationRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    origin = State(row.state)
    step = MOVES.get((origin, to))
    if step is None:
        raise MoveRefused(_explanation(row))
    _check_actor(row, step, by)
    reason = reason.strip()
    if step.needs_reason and not reason:
        raise MoveRefused("Indiquez le motif\u00a0: la structure en a besoin pour avancer.")
    for name, value in (changes or {}).items():
        setattr(row, name, value)
    row.state = to
    row.taken_by = (row.taken_by or by) if to in HELD else None
    row.closed_at = timezone.now() if to in CLOSED else None
    row.reason = reason if to in EXPLAINED else ""
    row.save()
    _log(row, origin, by=by, reason=reason)
    for topic in MESSAGES.get(to, ()):
        enqueue(topic, {"request": str(row.uuid)})
    return row


def _log(row: ActivationRequest, origin: str, *, by: User, reason: str = "") -> None:
    ActivationEvent.objects.create(request=row, origin=origin, to=row.state, by=by, reason=reason)
    record(by=by, action=f"activation.{row.state}", target=row)


def _times(*, portability: bool) -> dict[str, Any]:
    now = timezone.now()
    due, expected = ActivationSettings.load().due_times(now, portability=portability)
    return {"submitted_at": now, "due_at": due, "expected_at": expected}


def _submitted_before(
    key: uuid.UUID, by: User, columns: Mapping[str, Any]
) -> ActivationRequest | None:
    return ActivationRequest.objects.filter(
        submission_key=key, created_by=by, iccid_fingerprint=columns["iccid_fingerprint"]
    ).first()


def _refusal(error: IntegrityError) -> Exception:
    """Return what to raise for a row that the database refused."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "")
    return CardAlreadyUsed() if name == "activation_card_once" else error


def _is_member(user: User, structure_id: int) -> bool:
    mine = Membership.objects.active().filter(user=user, structure=structure_id)
    return user.is_active and mine.exists()


def _check_may_submit(by: User, structure: Structure) -> None:
    if not _is_member(by, structure.pk):
        raise NotAllowed
    if structure.state != Structure.State.ACTIVE:
        raise StructureClosed


def _check_actor(row: ActivationRequest, step: Move, by: User) -> None:
    if step.actor is Actor.PARTNER:
        if not _is_member(by, row.structure_id):
            raise NotAllowed
        return
    if not by.has_perm("activation.process_activationrequest"):
        raise NotAllowed("Seul un opérateur traite les demandes d’activation.")
    if step.actor is Actor.HOLDER and row.taken_by_id != by.pk:
        raise MoveRefused(_explanation(row))


def _explanation(row: ActivationRequest) -> str:
    label = row.get_state_display()
    label = label[0].lower() + label[1:]
    if row.state == State.IN_PROGRESS and row.taken_by is not None:
        return f"Rien n’a été modifié\u00a0: cette demande est en cours, prise par {row.taken_by}."
    return f"Rien n’a été modifié\u00a0: cette demande est maintenant «\u00a0{label}\u00a0»."
