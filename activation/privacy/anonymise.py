"""Anonymising requests: every column, event, note and message that says who it was for.

What stays says nothing of anybody: the state and the dates, for the figures, and the keyed
fingerprint of the card, for an activated card is used up. Each run leaves a proof.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from activation.models import (
    PERSONAL,
    ActivationEvent,
    ActivationRequest,
    ActivationSettings,
    CheckOverride,
    MessageTask,
    PurgeProof,
)
from portal.accounts.models import User
from portal.outbox import retention
from portal.privacy.fields import filled
from portal.privacy.services import record

BATCH = 500
#: Requests of one run and one proof: a task has its time limit, the next run goes on.
RUN = 5_000


def run(*, most: int = RUN) -> PurgeProof | None:
    """Anonymise requests that were closed longer ago than their data are kept.

    Batches of `BATCH`, one transaction each, which writes the proof as far as it is: killed at
    any moment, what is anonymised is proven, and the next run goes on. Requests that somebody
    else holds locked are left to it.

    Args:
        most: requests at most.

    Returns:
        The proof, or None where nothing was due.
    """
    before = timezone.now() - dt.timedelta(days=ActivationSettings.load().retention_days)
    waiting = ActivationRequest.objects.filter(anonymised_at=None, closed_at__lt=before)
    waiting = waiting.order_by("closed_at", "pk")
    # One search in the outbox for the whole run. Stopped after it, these are due all the same.
    retention.forget("request", [str(one) for one in waiting.values_list("uuid", flat=True)[:most]])
    proof, done = None, list[uuid.UUID]()
    while len(done) < most:
        with transaction.atomic():
            locked = waiting.select_for_update(skip_locked=True, of=("self",))
            found = locked.values_list("pk", "uuid")[: min(BATCH, most - len(done))]
            rows = dict(found)
            if not rows:
                break
            proof = proof or begin(by=None, closed_before=before)
            blank(list(rows), at=proof.at)
            done += rows.values()
            extend(proof, done)
    return proof


def begin(*, by: User | None, closed_before: dt.datetime | None) -> PurgeProof:
    """Open a proof and record who asked; see `extend`.

    Args:
        by: who asked for it; None is the nightly task.
        closed_before: what the task looks for; None where somebody chose the requests.
    """
    proof: PurgeProof = PurgeProof.objects.create(
        by=by, closed_before=closed_before, number=0, digest=digest([])
    )
    record(by=by, action="activation.anonymised", target=proof)
    return proof


def extend(proof: PurgeProof, requests: Iterable[uuid.UUID]) -> None:
    """Write of which requests it is the proof, in the transaction that blanks them."""
    listed = list(requests)
    proof.number, proof.digest = len(listed), digest(listed)
    proof.save(update_fields=["number", "digest"])


def blank(keys: Sequence[int], *, at: dt.datetime) -> None:
    """Blank all that says who closed requests were for, in the caller's transaction.

    Their messages in the journal are the caller's to forget.

    Args:
        keys: of rows that the caller has locked.
        at: the proof's moment, by which `proves` finds them.
    """
    ActivationRequest.objects.filter(pk__in=keys).update(
        **dict.fromkeys(PERSONAL, ""), person_fingerprint="", anonymised_at=at
    )
    # What an operator or SFR wrote may quote a name.
    ActivationEvent.objects.filter(filled("reason"), request__in=keys).update(reason="")
    CheckOverride.objects.filter(filled("reason"), request__in=keys).update(reason="")
    MessageTask.objects.filter(filled("note"), request__in=keys).update(note="")


def digest(requests: Iterable[uuid.UUID]) -> str:
    """Return the SHA-256 of public identifiers, sorted, one a line: ``sort list | sha256sum``."""
    lines = "".join(f"{one}\n" for one in sorted(str(request) for request in requests))
    return hashlib.sha256(lines.encode()).hexdigest()


def proves(proof: PurgeProof) -> bool:
    """Return whether the requests anonymised at the proof's moment are those that it counts."""
    found = ActivationRequest.objects.filter(anonymised_at=proof.at)
    listed = list(found.order_by().values_list("uuid", flat=True))
    return (len(listed), digest(listed)) == (proof.number, proof.digest)
