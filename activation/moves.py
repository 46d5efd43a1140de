"""How a request goes from one state to another: `move_each` is the one writer of a state.

One request or ten thousand take the same way: lock, read, check the table and the actor, write
the rows, their log, the audit trail and the messages of the new state, in one transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from activation import checks
from activation.models import PERSONAL, ActivationEvent, ActivationRequest
from activation.rights import check_operator
from activation.rules import delays
from activation.states import AT_SFR, CLOSED, EXPLAINED, HELD, MOVES, Actor, Move, State
from activation.writing import write_columns
from portal.accounts.models import User
from portal.outbox.services import enqueue_each
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry
from portal.structures.models import Membership
from portal.ui.errors import DomainError, NotAllowed

SMS_TOPIC = "activation.activated_sms"
EMAIL_TOPIC = "activation.state_changed_email"
#: The messages that leave when a request reaches a state.
MESSAGES: Mapping[State, tuple[str, ...]] = {
    State.ACTIVATED: (SMS_TOPIC, EMAIL_TOPIC),
    State.TO_CORRECT: (EMAIL_TOPIC,),
    State.REFUSED: (EMAIL_TOPIC,),
    State.PORTING: (EMAIL_TOPIC,),
}
#: Leaving the operators' desk for one of these treats the request.
_TREATED = AT_SFR | CLOSED | {State.TO_CORRECT}


class MoveRefused(DomainError):
    """The table of moves, or another person's hand, says no."""

    default_code = "move_refused"


@dataclass(frozen=True, repr=False)
class Wish:
    """A move that somebody wants. No ``repr``: ``changes`` may hold a person's data.

    Attributes:
        pk: of the request.
        to: the state wanted.
        reason: kept encrypted; asked for by some moves.
        changes: other columns of the same write.
    """

    pk: int
    to: State
    reason: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of the wishes: the rows that moved, and the refusals by key of the request."""

    moved: list[ActivationRequest]
    refused: dict[int, DomainError]


def move(
    request: ActivationRequest,
    to: State,
    *,
    by: User | None,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> ActivationRequest:
    """Bring one request to the state ``to``; see `move_each`.

    Args:
        request: the row is read anew under lock; this copy only says which.
        to: the state wanted.
        by: who moves it; None is SFR's gateway, which only answers.
        reason: kept encrypted; asked for by some moves.
        changes: other columns of the same write.

    Raises:
        MoveRefused: the table has no such move from the present state, a reason is missing, or
            a check says no.
        NotAllowed: the move is not for ``by``.
    """
    outcome = move_each([Wish(request.pk, to, reason, changes or {})], by=by)
    for error in outcome.refused.values():
        raise error
    return outcome.moved[0]


@transaction.atomic
@sensitive_variables()
def move_each(wishes: Iterable[Wish], *, by: User | None) -> Outcome:
    """Bring each request where it is wanted, in a constant number of queries.

    A wish that is refused writes nothing and stops none of the others.

    Args:
        wishes: at most one a request.
        by: who moves them; None is SFR's gateway, which only answers.
    """
    wanted = {wish.pk: wish for wish in wishes}
    rows = list(
        ActivationRequest.objects.select_for_update(of=("self",))
        .select_related("taken_by")
        .filter(pk__in=wanted)
        .defer(*_left_encrypted(wanted.values()))
        .order_by("pk")
    )
    stopped = checks.stopped([row for row in rows if _leaves(row, wanted[row.pk])])
    moved: list[tuple[ActivationRequest, State, Wish]] = []
    refused: dict[int, DomainError] = {}
    for row in rows:
        origin, wish = State(row.state), wanted[row.pk]
        try:
            _check(row, wish, by, stopped.get(row.pk, ""))
        except DomainError as error:
            refused[row.pk] = error
        else:
            _change(row, wish, by)
            moved.append((row, origin, wish))
    _write(moved, by)
    return Outcome([row for row, *_ in moved], refused)


def _left_encrypted(wishes: Collection[Wish]) -> set[str]:
    """Return the columns that many moves need not decrypt: what none of them reads or writes."""
    if len(wishes) == 1:
        return set()  # its caller may go on with the row
    return set(PERSONAL) - {"rio", "reason"} - {name for wish in wishes for name in wish.changes}


def _leaves(row: ActivationRequest, wish: Wish) -> bool:
    """Return whether the request would go to SFR: only then must its checks be clear."""
    return row.state == State.IN_PROGRESS and wish.to in {State.TRANSMITTED, State.ACTIVATED}


def _check(row: ActivationRequest, wish: Wish, by: User | None, stopped: str) -> None:
    step = MOVES.get((State(row.state), wish.to))
    if step is None:
        raise MoveRefused(explanation(row))
    _check_actor(row, step, by)
    if step.needs_reason and not wish.reason.strip():
        raise MoveRefused("Indiquez le motif\u00a0: la structure en a besoin pour avancer.")
    if stopped:
        raise MoveRefused(stopped, code="check")


def _check_actor(row: ActivationRequest, step: Move, by: User | None) -> None:
    if by is None:
        if step.actor is not Actor.ANSWER:
            raise NotAllowed
    elif step.actor is Actor.PARTNER:
        erases = step.for_erasure and by.has_perm("activation.manage_personal_data")
        if not (erases or is_member(by, row.structure_id)):
            raise NotAllowed
    else:
        check_operator(by)
        if step.actor is Actor.HOLDER and row.taken_by_id != by.pk:
            raise MoveRefused(explanation(row))


def _change(row: ActivationRequest, wish: Wish, by: User | None) -> None:
    now, origin, reason = timezone.now(), row.state, wish.reason.strip()
    for name, value in wish.changes.items():
        setattr(row, name, value)
    row.state = wish.to
    row.taken_by = (row.taken_by or by) if wish.to in HELD else None
    row.closed_at = now if wish.to in CLOSED else None
    row.reason = reason if wish.to in EXPLAINED else ""
    if wish.to is State.SUBMITTED:
        row.treated_at = None
    elif origin == State.IN_PROGRESS and wish.to in _TREATED - {State.CANCELLED}:
        row.treated_at = now
    if wish.to is State.ACTIVATED:
        row.working_time = delays.working_time(row.submitted_at, now)


#: What a move writes of itself; a wish's ``changes`` come on top.
_COLUMNS = ("state", "taken_by", "closed_at", "reason", "treated_at", "working_time")


def _write(moved: Sequence[tuple[ActivationRequest, State, Wish]], by: User | None) -> None:
    if not moved:
        return
    changed = {name for *_, wish in moved for name in wish.changes}
    write_columns([row for row, *_ in moved], {*_COLUMNS, *changed})
    log([(row, origin, wish.reason.strip()) for row, origin, wish in moved], by=by)
    topics: dict[str, list[dict[str, str]]] = {}
    for row, *_ in moved:
        for topic in MESSAGES.get(State(row.state), ()):
            topics.setdefault(topic, []).append({"request": str(row.uuid)})
    for topic, payloads in topics.items():
        enqueue_each(topic, payloads)


def log(lines: Sequence[tuple[ActivationRequest, str, str]], *, by: User | None) -> None:
    """Write the events of requests that have moved, and the audit trail.

    Args:
        lines: the row in its new state, the state before, the reason.
        by: who moved them.
    """
    ActivationEvent.objects.bulk_create(
        ActivationEvent(request=row, origin=origin, to=row.state, by=by, reason=reason)
        for row, origin, reason in lines
    )
    AuditEntry.objects.bulk_create(
        entry(by=by, action=f"activation.{row.state}", target=row) for row, *_ in lines
    )


def is_member(user: User, structure_id: int) -> bool:
    """Return whether ``user`` is an active member of the structure."""
    mine = Membership.objects.active().filter(user=user, structure=structure_id)
    return user.is_active and mine.exists()


def explanation(row: ActivationRequest) -> str:
    """Return why nothing was done: where the request stands now."""
    label = row.get_state_display()
    label = label[0].lower() + label[1:]
    if row.state == State.IN_PROGRESS and row.taken_by is not None:
        return f"Rien n’a été modifié\u00a0: cette demande est en cours, prise par {row.taken_by}."
    return f"Rien n’a été modifié\u00a0: cette demande est maintenant «\u00a0{label}\u00a0»."
