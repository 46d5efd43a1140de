"""Reminders before the end of a convention's year and of an avenant: once each, caught up late."""

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal.outbox.services import enqueue
from portal.structures.agreements.moves import Paper
from portal.structures.models import Agreement, AgreementReminder, Amendment

#: Days before the end of a convention's period (the contract: 60, 30 and 7).
CONVENTION_DAYS: Final = (60, 30, 7)
#: Days before the end of an avenant.
AVENANT_DAYS: Final = (14,)


def remind() -> int:
    """Send the reminders that are due; return how many. A second call sends nothing.

    After nights without a worker, only the last one that is due is sent.
    """
    today = timezone.localdate()
    bound = (Agreement.State.IN_FORCE, Agreement.State.DENOUNCED)
    sent = 0
    for agreement in Agreement.objects.filter(state__in=bound).iterator():
        end = agreement.current_period(today).ends_on
        sent += _remind(agreement, end, CONVENTION_DAYS, today)
    last = today + dt.timedelta(days=max(AVENANT_DAYS))
    running = Amendment.objects.filter(
        state=Amendment.State.VALIDATED, ends_on__range=(today, last)
    )
    for amendment in running.iterator():
        sent += _remind(amendment, amendment.ends_on, AVENANT_DAYS, today)
    return sent


def _remind(paper: Paper, end: dt.date, steps: tuple[int, ...], today: dt.date) -> bool:
    left = (end - today).days
    due = [days for days in steps if 0 <= left <= days]
    return bool(due) and _send(paper, end, min(due))


@transaction.atomic
def _send(paper: Paper, end: dt.date, days: int) -> bool:
    owner = "agreement" if isinstance(paper, Agreement) else "amendment"
    facts: dict[str, Any] = {owner: paper, "period_end": end, "days": days}
    made, new = AgreementReminder.objects.get_or_create(**facts)
    if new:
        enqueue("structures.agreement_reminder", {"reminder": str(made.uuid)})
    return new
