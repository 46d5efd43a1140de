"""What référents do with the requests: take, pass on, answer, note, close, teach the FAQ."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from knowledge.support import files as attachments
from knowledge.support import messages
from knowledge.support.models import SupportMessage, SupportRequest
from knowledge.support.moves import (
    ANSWER,
    MoveRefused,
    change,
    check_team,
    explanation,
    locked,
)
from knowledge.support.states import Actor, State
from portal.accounts.models import User
from portal.structures.agreements.uploads import Checked


@transaction.atomic
def take(*, by: User, request: SupportRequest) -> None:
    """Take a new request; one's own stays as it is.

    Raises:
        MoveRefused: somebody else has it, or it is answered.
        NoSuchWork: ``by`` answers no requests.
    """
    check_team(by)
    row = locked(request)
    if row.state == State.IN_PROGRESS and row.assigned_to_id == by.pk:
        return
    if row.state != State.NEW:
        raise MoveRefused(explanation(row))
    change(row, State.IN_PROGRESS, by=by, actor=Actor.TEAM, assigned_to=by)


@transaction.atomic
def assign(*, by: User, request: SupportRequest, to: User) -> None:
    """Hand an open request to somebody, who is told unless it is oneself.

    Raises:
        MoveRefused: it is solved, or ``to`` cannot answer.
        NoSuchWork: ``by`` answers no requests.
    """
    check_team(by)
    row = locked(request)
    if row.state == State.SOLVED:
        raise MoveRefused(explanation(row))
    if not (to.is_active and to.has_perm(ANSWER)):
        raise MoveRefused(
            "Cette personne ne répond pas aux demandes\u00a0: choisissez-en une autre."
        )
    if row.assigned_to_id == to.pk:
        return
    state = State.IN_PROGRESS if row.state == State.NEW else State(row.state)
    change(row, state, by=by, actor=Actor.TEAM, assigned_to=to)
    if to != by:
        messages.tell_team(row, messages.ASSIGNED)


@transaction.atomic
def release(*, by: User, request: SupportRequest) -> None:
    """Put a request that somebody has taken back among the new ones.

    Raises:
        MoveRefused: nobody has it, or it is answered.
        NoSuchWork: ``by`` answers no requests.
    """
    check_team(by)
    row = locked(request)
    if row.state != State.IN_PROGRESS:
        raise MoveRefused(explanation(row))
    change(row, State.NEW, by=by, actor=Actor.TEAM, assigned_to=None)


@transaction.atomic
@sensitive_variables()
def answer(
    *,
    by: User,
    request: SupportRequest,
    key: UUID,
    body: str,
    files: Sequence[Checked] = (),
    solves: bool = False,
) -> None:
    """Answer; the structure is told by e-mail. The same ``key`` again writes nothing.

    Anybody of the team may answer what a colleague follows: the colleague keeps it.

    Args:
        by: who answers; follows the request from now on where nobody did.
        request: it.
        key: of the form that was filled in.
        body: the answer.
        files: that come along, checked.
        solves: whether nothing more is expected of the structure.

    Raises:
        MoveRefused: it is solved: open it again first.
        NoSuchWork: ``by`` answers no requests.
    """
    check_team(by)
    row = locked(request)
    if SupportMessage.objects.filter(key=key).exists():
        return
    if row.state == State.SOLVED:
        raise MoveRefused(explanation(row))
    message = SupportMessage.objects.create(key=key, request=row, by=by, from_team=True, body=body)
    attachments.keep(message, files)
    row.first_answer_at = row.first_answer_at or timezone.now()
    follows = row.assigned_to or by
    change(row, State.ANSWERED, by=by, actor=Actor.TEAM, assigned_to=follows)
    if solves:
        change(row, State.SOLVED, by=by, actor=Actor.TEAM, assigned_to=follows)
    messages.tell_partner(row, messages.ANSWERED)


@transaction.atomic
@sensitive_variables()
def note(*, by: User, request: SupportRequest, key: UUID, body: str) -> None:
    """Write something for the team alone; nobody is told.

    Raises:
        MoveRefused: the request is anonymised.
        NoSuchWork: ``by`` answers no requests.
    """
    check_team(by)
    row = locked(request)
    if row.anonymised_at:
        raise MoveRefused(explanation(row))
    SupportMessage.objects.get_or_create(
        key=key,
        defaults={"request": row, "by": by, "from_team": True, "is_note": True, "body": body},
    )


@transaction.atomic
def solve(*, by: User, request: SupportRequest) -> None:
    """Close a request without another word; the structure is told by e-mail.

    Raises:
        MoveRefused: it is closed already.
        NoSuchWork: ``by`` answers no requests.
    """
    check_team(by)
    row = locked(request)
    if row.state == State.SOLVED:
        raise MoveRefused(explanation(row))
    change(row, State.SOLVED, by=by, actor=Actor.TEAM, assigned_to=row.assigned_to)
    messages.tell_partner(row, messages.SOLVED)


@transaction.atomic
def reopen(*, by: User, request: SupportRequest) -> None:
    """Open a solved request again, and follow it.

    Raises:
        MoveRefused: it is open, or anonymised.
        NoSuchWork: ``by`` answers no requests.
    """
    check_team(by)
    row = locked(request)
    if row.state != State.SOLVED:
        raise MoveRefused(explanation(row))
    change(row, State.IN_PROGRESS, by=by, actor=Actor.TEAM, assigned_to=row.assigned_to or by)
