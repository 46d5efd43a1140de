"""The end of conventions and avenants: denounced, ended early, refused, or over."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import User
from portal.structures.agreements.mails import tell
from portal.structures.agreements.moves import check, lock, move
from portal.structures.lifecycle import MoveRefused
from portal.structures.models import Agreement, Amendment
from portal.structures.signals import amendment_validated

_A = Agreement.State
_V = Amendment.State
_A_DAY = dt.timedelta(days=1)


@transaction.atomic
def denounce(agreement: Agreement, *, by: User, reason: str) -> Agreement:
    """Stop a convention from renewing: it binds to the end of its current year.

    Raises:
        MoveRefused: it is not in force, or the reason is missing.
    """
    row = lock(agreement)
    check(row, _A.DENOUNCED, reason=reason)
    today = timezone.localdate()
    row.ends_on = row.current_period(today).ends_on
    row.denounced_on = today
    move(row, _A.DENOUNCED, by=by, reason=reason)
    tell("denounced", row)
    return row


@transaction.atomic
def end_amendment(amendment: Amendment, *, by: User, reason: str) -> Amendment:
    """End a validated avenant at once: what was not taken is not free any more.

    Yesterday becomes its last day; one that has not begun ends on the eve of its first.

    Raises:
        MoveRefused: it is not validated, or the reason is missing.
    """
    row = lock(amendment)
    check(row, _V.ENDED)
    if not reason.strip():
        raise MoveRefused("Dites pourquoi\u00a0: le motif reste dans l’histoire de la structure.")
    row.ends_on = min(row.ends_on, max(timezone.localdate(), row.starts_on) - _A_DAY)
    move(row, _V.ENDED, by=by, reason=reason)
    amendment_validated.send(sender=Amendment, amendment=row, by=by)
    tell("ended_early", row)
    return row


@transaction.atomic
def refuse_amendment(amendment: Amendment, *, by: User, reason: str) -> Amendment:
    """Refuse an avenant that is not validated.

    Raises:
        MoveRefused: it is validated or over, or the reason is missing.
    """
    row = lock(amendment)
    move(row, _V.REFUSED, by=by, reason=reason)
    tell("refused", row)
    return row


def close_what_is_over() -> int:
    """Note, each night, the conventions and avenants whose last day is past; return how many.

    Ordering does not wait for this: it looks at the dates.
    """
    today = timezone.localdate()
    stopping = Q(state=_A.DENOUNCED) | Q(state=_A.IN_FORCE, renews_tacitly=False)
    avenants = Amendment.objects.filter(state=_V.VALIDATED, ends_on__lt=today)
    conventions = Agreement.objects.filter(stopping, ends_on__lt=today)
    papers: list[Agreement | Amendment] = [*avenants, *conventions]
    return sum(_close(paper, today) for paper in papers)


@transaction.atomic
def _close(paper: Agreement | Amendment, today: dt.date) -> bool:
    row = lock(paper)
    if row.state == "ended" or row.ends_on >= today:
        return False
    move(row, "ended", by=None)
    return True
