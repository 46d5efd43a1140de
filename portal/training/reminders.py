"""Reminders: the day before and an hour before, once each."""

import datetime as dt
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.outbox.services import enqueue
from portal.training.models import Registration, TrainingSession

DAY: Final = dt.timedelta(days=1)
HOUR: Final = dt.timedelta(hours=1)
#: Field that remembers a reminder: from how long before, to how long before.
WINDOWS: Final = {"day_reminder_at": (DAY, HOUR), "hour_reminder_at": (HOUR, dt.timedelta())}


def remind() -> int:
    """Write the reminders that are due; return how many. Run it as often as one likes.

    Who got a seat when the moment had passed needs no reminder: their confirmation has just left.
    """
    return sum(_remind(field, *window) for field, window in WINDOWS.items())


@transaction.atomic
def _remind(field: str, first: dt.timedelta, last: dt.timedelta) -> int:
    now = timezone.now()
    due = list(
        Registration.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(
            state=Registration.State.REGISTERED,
            session__state=TrainingSession.State.PLANNED,
            session__starts_at__gt=now + last,
            session__starts_at__lte=now + first,
            seated_at__lt=F("session__starts_at") - first,
            **{field: None},
        )
        .order_by("pk")
    )
    for one in due:
        enqueue("training.reminder", {"registration": str(one.uuid)})
    Registration.objects.filter(pk__in=[one.pk for one in due]).update(**{field: now})
    return len(due)
