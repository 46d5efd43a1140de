"""What a structure does with its requests: ask, write again, close, open again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from knowledge.support import files as attachments
from knowledge.support import messages
from knowledge.support.models import SupportMessage, SupportRequest
from knowledge.support.moves import change, check_member, locked, log
from knowledge.support.states import Actor, State
from portal.structures import about
from portal.structures.agreements.uploads import Checked
from portal.structures.models import Membership
from portal.ui.errors import DomainError


class NotYours(DomainError):
    """The thing that the request points at is not the structure's."""

    default_code = "not_yours"
    default_message = (
        "Ce que vous avez choisi n’est plus disponible\u00a0: choisissez autre chose, ou rien."
    )


class FormUsed(DomainError):
    """The form was sent already, for another structure."""

    default_code = "form_used"
    default_message = (
        "Ce formulaire a déjà servi pour une autre structure. Rien n’a été envoyé\u00a0: ouvrez "
        "une nouvelle demande."
    )


@dataclass(frozen=True, repr=False)
class Question:
    """What somebody asks. No ``repr``: people write names in it.

    Attributes:
        subject: a `models.Subject`.
        title: one line.
        body: the message.
        about_kind: what it points at, as `portal.structures.about` knows it, or nothing.
        about_uuid: which one.
    """

    subject: str
    title: str
    body: str
    about_kind: str = ""
    about_uuid: UUID | None = None


@sensitive_variables()
def ask(
    *, by: Membership, key: UUID, question: Question, files: Sequence[Checked] = ()
) -> SupportRequest:
    """Send a request; the same ``key`` again returns the one that it sent.

    Args:
        by: the member who asks, for their structure.
        key: of the form that was filled in.
        question: what is asked.
        files: that come along, checked.

    Raises:
        FormUsed: ``key`` sent a request of another structure's.
        NotYours: what it points at is not the structure's.
    """
    mine = SupportRequest.objects.filter(created_by=by.user_id, structure=by.structure_id)
    if (sent := mine.filter(key=key).first()) is not None:
        return sent
    kind, uuid = question.about_kind, question.about_uuid
    if (kind or uuid) and about.resolve(kind, uuid, structure=by.structure_id) is None:
        raise NotYours
    try:
        with transaction.atomic():
            return _send(by, key, question, files)
    except IntegrityError as error:
        # The other click of a double one was faster.
        if (sent := mine.filter(key=key).first()) is not None:
            return sent
        raise FormUsed from error


def says(request: SupportRequest, question: Question) -> bool:
    """Return whether a request that was sent is the one that ``question`` asks."""
    first = request.messages.order_by("pk").first()
    return request.title == question.title and first is not None and first.body == question.body


def _send(
    by: Membership, key: UUID, question: Question, files: Sequence[Checked]
) -> SupportRequest:
    row = SupportRequest.objects.create(
        key=key,
        structure_id=by.structure_id,
        created_by_id=by.user_id,
        subject=question.subject,
        title=question.title,
        about_kind=question.about_kind,
        about_uuid=question.about_uuid,
        waiting_since=timezone.now(),
    )
    message = SupportMessage.objects.create(
        key=key, request=row, by_id=by.user_id, body=question.body
    )
    attachments.keep(message, files)
    log(row, origin="", by=by.user)
    messages.tell_team(row, messages.NEW)
    return row


@sensitive_variables()
def write(
    *,
    by: Membership,
    request: SupportRequest,
    key: UUID,
    body: str,
    files: Sequence[Checked] = (),
) -> None:
    """Add a message of the structure's: the request waits for Emmaüs Connect again.

    The same ``key`` again writes nothing.

    Raises:
        MoveRefused: the request is anonymised.
        NotAllowed: ``by`` is no member of its structure.
    """
    with transaction.atomic():
        row = locked(request)
        check_member(by, row)
        if SupportMessage.objects.filter(key=key).exists():
            return
        _wait_again(row, by)
        message = SupportMessage.objects.create(key=key, request=row, by=by.user, body=body)
        attachments.keep(message, files)
        messages.tell_team(row, messages.REPLY)


@transaction.atomic
def close(*, by: Membership, request: SupportRequest) -> None:
    """Say that the question is answered; a second time changes nothing.

    Raises:
        NotAllowed: ``by`` is no member of its structure.
    """
    row = locked(request)
    check_member(by, row)
    if row.state != State.SOLVED:
        change(row, State.SOLVED, by=by.user, actor=Actor.PARTNER, assigned_to=row.assigned_to)


@transaction.atomic
def reopen(*, by: Membership, request: SupportRequest) -> None:
    """Say that the question is not answered after all; an open request stays as it is.

    Raises:
        MoveRefused: the request is anonymised.
        NotAllowed: ``by`` is no member of its structure.
    """
    row = locked(request)
    check_member(by, row)
    if row.state == State.SOLVED:
        _wait_again(row, by)
        messages.tell_team(row, messages.REPLY)


def _wait_again(row: SupportRequest, by: Membership) -> None:
    """Put a request back where somebody must answer; who followed it follows it still."""
    if row.state in (State.NEW, State.IN_PROGRESS):
        return
    to = State.IN_PROGRESS if row.assigned_to else State.NEW
    change(row, to, by=by.user, actor=Actor.PARTNER, assigned_to=row.assigned_to)
