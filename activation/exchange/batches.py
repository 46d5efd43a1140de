"""Requests that leave for SFR together: chosen one by one, or all that is ready."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Q

from activation import checks, moves
from activation.checks import Finding
from activation.exchange.gateway import gateway
from activation.models import ActivationRequest, ActivationRequestQuerySet, Batch, Transmission
from activation.models.follow_up import Check
from activation.moves import Wish
from activation.rights import check_operator
from activation.states import State
from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError

#: Requests of one batch; what is beyond leaves with the next one.
MOST = 10_000
#: Requests that are looked at for a batch: those that wait for a decision cost time too.
SCANNED = 20_000
CHUNK = 500
#: Requests of a survey that are named, of those that would leave and of the others.
LISTED = 100
#: The advisory lock around every batch ("LOTE"): two operators' batches share no request.
ONE_AT_A_TIME = 0x4C4F5445
#: What a check reads of a request, and no more of a person's data.
_SEEN = (
    *("uuid", "state", "structure", "deadline_at", "iccid_fingerprint", "iccid_insisted"),
    *("person_fingerprint", "portability", "rio"),
)


class NothingReady(DomainError):
    """No request may leave."""

    default_code = "nothing_ready"
    default_message = (
        "Aucune demande n’est prête\u00a0: rien n’a été transmis. Une demande part si elle est "
        "libre ou prise par vous, et si aucun contrôle ne l’arrête."
    )


@dataclass(frozen=True)
class Made:
    """A batch, and why requests that were chosen are not in it, by reference."""

    batch: Batch
    left: dict[str, str] = field(default_factory=dict)


@dataclass
class Survey:
    """What would leave now, and what is set aside: how many requests for each check."""

    clear: int = 0
    aside: int = 0
    why: Counter[Check] = field(default_factory=Counter)
    #: The keys of the most urgent ones of either kind.
    first_clear: list[int] = field(default_factory=list)
    first_aside: list[int] = field(default_factory=list)
    #: More wait than were looked at.
    more: bool = False


def candidates(by: User) -> ActivationRequestQuerySet:
    """Return what ``by`` may transmit: free, or taken by them; the most urgent first."""
    free = Q(state=State.SUBMITTED) | Q(state=State.IN_PROGRESS, taken_by=by)
    return ActivationRequest.objects.filter(free).order_by("deadline_at", "pk")


def survey(by: User) -> Survey:
    """Count what « tout ce qui est prêt » would take, and what it would leave."""
    found = Survey()
    for rows in _chunks(candidates(by)[:SCANNED]):
        for pk, listed in checks.findings(rows).items():
            reasons = {one.check for one in listed if one.is_open}
            first = found.first_aside if reasons else found.first_clear
            if len(first) < LISTED:
                first.append(pk)
            found.clear += not reasons
            found.aside += bool(reasons)
            found.why.update(reasons)
    found.more = found.clear > MOST or found.clear + found.aside == SCANNED
    found.clear = min(found.clear, MOST)
    return found


@transaction.atomic
def make(*, by: User, key: uuid.UUID, chosen: Collection[uuid.UUID] | None = None) -> Made:
    """Transmit requests to SFR as one batch, whole: marks, transmissions and log in one piece.

    A request that is free is taken by ``by`` first; both moves are logged.

    Args:
        by: an operator.
        key: drawn with the page: a second click, or a reload, gets the same batch.
        chosen: the requests ticked, in which only what blocks stops one; all that is ready, with
            no open finding, if None.

    Raises:
        NothingReady: no request may leave; nothing is written.
        NotAllowed: ``by`` is no operator.
    """
    check_operator(by, "Seul un opérateur transmet les demandes à SFR.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    known = Batch.objects.filter(key=key, created_by=by).first()
    if known:
        return Made(known)
    left: dict[str, str] = {}
    ready = _ready(by) if chosen is None else _chosen(by, chosen, left)
    sent = _transmit(ready, by, left)
    if not sent:
        raise NothingReady(" ".join(list(left.values())[:1]))
    way = gateway()
    batch = Batch.objects.create(gateway=way.name, created_by=by, key=key)
    Transmission.objects.bulk_create(
        (
            Transmission(batch=batch, request_id=pk, position=position)
            for position, pk in enumerate(sent, start=1)
        ),
        batch_size=1000,
    )
    way.transmit(batch)
    record(by=by, action="activation.batch_made", target=batch, requests=len(sent))
    return Made(batch, left)


def _ready(by: User) -> list[ActivationRequest]:
    """Return what nobody needs to look at any more, the most urgent first."""
    ready: list[ActivationRequest] = []
    for rows in _chunks(candidates(by)[:SCANNED]):
        found = checks.findings(rows)
        ready += [row for row in rows if not _is_open(found[row.pk])]
        if len(ready) >= MOST:
            break
    return ready[:MOST]


def _is_open(listed: Sequence[Finding]) -> bool:
    return any(one.is_open for one in listed)


def _chosen(
    by: User, chosen: Collection[uuid.UUID], left: dict[str, str]
) -> list[ActivationRequest]:
    """Return what of the choice may leave; say in ``left`` what keeps the others."""
    found = list(candidates(by).filter(uuid__in=chosen).only(*_SEEN)[:MOST])
    missing = set(chosen) - {row.uuid for row in found}
    for row in ActivationRequest.objects.filter(uuid__in=missing).select_related("taken_by"):
        left[row.reference] = moves.explanation(row)
    stopped: dict[int, str] = {}
    for start in range(0, len(found), CHUNK):
        stopped |= checks.stopped(found[start : start + CHUNK])
    left |= {row.reference: stopped[row.pk] for row in found if row.pk in stopped}
    return [row for row in found if row.pk not in stopped]


def _chunks(found: ActivationRequestQuerySet) -> Iterator[list[ActivationRequest]]:
    chunk: list[ActivationRequest] = []
    for row in found.only(*_SEEN).iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _transmit(ready: Sequence[ActivationRequest], by: User, left: dict[str, str]) -> list[int]:
    """Take what is free and transmit; return the keys of what left, in the order of ``ready``.

    Rows are locked in the order of their keys, as everything that moves many of them does.
    """
    ordered = sorted(ready, key=lambda row: row.pk)
    references = {row.pk: row.reference for row in ordered}
    sent: set[int] = set()
    for start in range(0, len(ordered), CHUNK):
        rows = ordered[start : start + CHUNK]
        free = [Wish(row.pk, State.IN_PROGRESS) for row in rows if row.state == State.SUBMITTED]
        lost = moves.move_each(free, by=by).refused if free else {}
        wishes = [Wish(row.pk, State.TRANSMITTED) for row in rows if row.pk not in lost]
        outcome = moves.move_each(wishes, by=by)
        sent |= {row.pk for row in outcome.moved}
        left |= {references[pk]: error.message for pk, error in (lost | outcome.refused).items()}
    return [row.pk for row in ready if row.pk in sent]
