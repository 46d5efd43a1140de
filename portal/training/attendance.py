"""Who came, and what it opens: ordering, for each person by themselves."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Min, QuerySet

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import Membership, Structure
from portal.training.models import Registration, TrainingSession
from portal.training.seats import lock
from portal.training.sessions import SessionRefused, move
from portal.ui.errors import DomainError

_S = TrainingSession.State


class WaiverRefused(DomainError):
    """Nobody is let off training this way; the message says why."""

    default_code = "waiver_refused"


@transaction.atomic
def mark(*, by: User, session: TrainingSession, present: Collection[UUID], reason: str = "") -> int:
    """Keep who was there; being at a training to the platform opens ordering to them.

    Args:
        by: a référent.
        session: it has begun; marking it makes it a past one.
        present: registrations; the other people who had a seat were absent.
        reason: needed to take back that somebody was there.

    Returns:
        How many were there.

    Raises:
        SessionRefused: it has not begun, it was cancelled, or the reason is missing.
    """
    row = lock(session)
    if row.state == _S.CANCELLED or not row.has_begun:
        raise SessionRefused("La feuille de présence se remplit une fois la session commencée.")
    seated = list(row.registrations.seated().select_related("user"))
    taken_back = [one for one in seated if one.attended and one.uuid not in present]
    if taken_back and not reason.strip():
        raise SessionRefused(
            "Vous retirez une présence\u00a0: dites pourquoi. La personne ne pourra plus commander "
            "si c’était sa seule formation."
        )
    for one in seated:
        _note(by, one, attended=one.uuid in present, reason=reason)
    if row.state == _S.PLANNED:
        move(by=by, session=row, to=_S.DONE)
    return sum(one.uuid in present for one in seated)


def _note(by: User, one: Registration, *, attended: bool, reason: str) -> None:
    if one.attended == attended:
        return
    was, one.attended = one.attended, attended
    one.save(update_fields=["attended"])
    why = {"reason": reason} if was else {}
    record(by=by, action="training.attendance", target=one, attended=attended, **why)
    if one.session.kind != TrainingSession.Kind.PLATFORM or one.user_id is None:
        return
    memberships = Membership.objects.filter(user=one.user_id)
    if attended:
        memberships.filter(trained_at=None).update(trained_at=one.session.starts_at)
    elif was:
        memberships.filter(trained_at=one.session.starts_at).update(trained_at=_other_training(one))


def _other_training(registration: Registration) -> dt.datetime | None:
    """Return when else they were trained, if they were."""
    others = TrainingSession.objects.filter(
        kind=TrainingSession.Kind.PLATFORM,
        registrations__user=registration.user_id,
        registrations__attended=True,
    )
    first: dt.datetime | None = others.aggregate(first=Min("starts_at"))["first"]
    return first


def untrained() -> QuerySet[Membership]:
    """Return the active members who may not order for want of training, the oldest first."""
    rows = Membership.objects.active().filter(trained_at=None, training_waived_by=None)
    return (
        rows.filter(user__is_active=True, structure__state__in=_open_states())
        .select_related("user", "structure", "structure__account_manager")
        .order_by("created_at", "pk")
    )


def _open_states() -> tuple[str, ...]:
    return (Structure.State.CANDIDATE, Structure.State.ACTIVE, Structure.State.SUSPENDED)


@transaction.atomic
def waive(*, by: User, membership: Membership, reason: str) -> Membership:
    """Let somebody order for a structure without the training.

    Args:
        by: a référent.
        membership: locked and read again here.
        reason: in their words; it stays with the member.

    Raises:
        WaiverRefused: the reason is missing, or nothing is to be waived.
    """
    why = " ".join(reason.split())
    if not why:
        raise WaiverRefused("Dites pourquoi cette personne est dispensée de formation.")
    if len(why) > 300:
        raise WaiverRefused("Ce motif est trop long\u00a0: 300 caractères au plus.")
    row = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    if row.is_trained:
        raise WaiverRefused("Cette personne est déjà formée ou dispensée.")
    row.training_waived_by, row.training_waiver = by, why
    row.save(update_fields=["training_waived_by", "training_waiver"])
    record(by=by, action="training.waived", target=row, reason=why)
    return row
