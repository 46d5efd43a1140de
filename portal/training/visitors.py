"""People without an account, at the meetings that are open to all.

They leave a name and an address; nothing is kept for good before they confirm by the link that
only the address's owner gets. Both are encrypted, and erased some time after the session.
"""

import datetime as dt
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from portal.outbox.services import enqueue
from portal.privacy.crypto import fingerprint
from portal.training.models import Registration, TrainingSession
from portal.training.seats import check_open, lock, take_place

_State = Registration.State
#: How long somebody has to confirm, and how long their name stays after the session.
TO_CONFIRM: Final = dt.timedelta(days=2)
KEPT: Final = dt.timedelta(days=90)
#: One e-mail a session and address within this time, whoever asks.
PAUSE: Final = 600  # seconds


@transaction.atomic
def ask(*, session: TrainingSession, name: str, email: str) -> None:
    """Send the link that registers, or the one of a registration that exists already.

    The caller's answer is the same in all cases: nobody learns who is registered.

    Args:
        session: open to all.
        name: as typed.
        email: in any case.

    Raises:
        portal.training.seats.SessionClosed: too late.
    """
    row = lock(session)
    check_open(row)
    address = email.strip().lower()
    mark = fingerprint("training", address)
    there = row.registrations.exclude(state=_State.CANCELLED).filter(email_fingerprint=mark).first()
    found = there or Registration.objects.create(
        session=row,
        name=" ".join(name.split()),
        email=address,
        email_fingerprint=mark,
        state=_State.PENDING,
    )
    if _asked_just_now(found):
        return
    topic = "training.confirm" if found.state == _State.PENDING else "training.registered"
    enqueue(topic, {"registration": str(found.uuid)})


def _asked_just_now(registration: Registration) -> bool:
    try:
        return not cache.add(f"training:asked:{registration.uuid}", 1, PAUSE)
    except (RedisError, OSError):  # without Redis people register all the same
        return False


@transaction.atomic
def confirm(registration: Registration) -> Registration:
    """Give a seat, or a place on the waiting list, to whoever followed their link.

    Raises:
        portal.training.seats.SessionClosed: too late.
    """
    session = lock(registration.session)
    row = Registration.objects.select_related("session").get(pk=registration.pk)
    if row.state == _State.PENDING:
        check_open(session)
        row.session = session
        take_place(row)
    return row


def purge() -> int:
    """Forget who never confirmed, and who came long ago; return how many."""
    now = timezone.now()
    unconfirmed = Registration.objects.filter(
        state=_State.PENDING, registered_at__lt=now - TO_CONFIRM
    )
    deleted, _ = unconfirmed.delete()
    old = Registration.objects.filter(
        ~Q(email_fingerprint=""), user=None, session__ends_at__lt=now - KEPT
    )
    return deleted + old.update(name="", email="", email_fingerprint="")
