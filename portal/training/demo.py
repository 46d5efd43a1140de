"""Sessions of the demonstration: one to choose, a full one, a webinar, one with its recording."""

import datetime as dt
from typing import Any

from django.utils import timezone

from portal.accounts.models import User
from portal.training import attendance, seats
from portal.training.models import Registration, TrainingSession

_Kind = TrainingSession.Kind
_WHAT = "Commander, remettre un numéro, activer une carte SIM\u00a0: l’essentiel."
_FULL = "Prise en main, session du matin"


def load(*, by: User, members: list[User]) -> None:
    """Plan the sessions, where there are none.

    Args:
        by: a référent.
        members: partners; the first attended the past session.
    """
    if TrainingSession.objects.exists():
        return
    about = {"description": _WHAT, "trainer": str(by)}
    _session("Prise en main de la plateforme", days=8, hour=14, seats=12, **about)
    full = _session(_FULL, days=3, hour=10, seats=1, **about)
    for member in reversed(members):
        seats.register(by=member, session=full)
    webinar = "Lutter contre la précarité numérique au guichet"
    inspiring = "Une mission locale raconte sa première année"
    _session(webinar, days=15, hour=11, seats=100, trainer="Emmaüs Connect", kind=_Kind.WEBINAR)
    _session(inspiring, days=22, hour=9, seats=60, trainer=str(by), kind=_Kind.INSPIRING)
    past = _session("Prise en main de la plateforme", days=-20, hour=14, seats=12, **about)
    there = Registration.objects.create(
        session=past,
        user=members[0],
        state=Registration.State.REGISTERED,
        seated_at=past.starts_at - dt.timedelta(days=5),
    )
    attendance.mark(by=by, session=past, present=[there.uuid])
    TrainingSession.objects.filter(pk=past.pk).update(
        replay_link="https://video.example/prise-en-main"
    )


def _session(title: str, *, days: int, hour: int, **fields: Any) -> TrainingSession:
    day = timezone.localdate() + dt.timedelta(days=days)
    starts_at = timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))
    return TrainingSession.objects.create(
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=90),
        video_link="https://visio.example/espace-recharges",
        **fields,
    )
