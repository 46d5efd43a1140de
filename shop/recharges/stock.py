"""What is in stock: counted, watched, let expire, taken out and put back."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q, Sum
from django.utils import timezone
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.products.models import ProductTerms
from shop.recharges.models import CodeLot, RechargeCode, StockAlert
from shop.recharges.services import MIN_REASON, ReasonMissing

OrderLine = get_model("order", "Line")
_State = RechargeCode.State

PACE = 28  # days that the pace is taken from
SOON = 30  # days within which a code is said to expire soon

_EXPIRE = """
WITH gone AS (
    UPDATE recharges_rechargecode SET state = 'expired'
    WHERE state = 'available' AND expires_on < %s RETURNING lot_id
)
SELECT lot_id, count(*) FROM gone GROUP BY lot_id
"""


class LotRefused(DomainError):
    """The lot is already as one wants it."""

    default_code = "lot_refused"


@dataclass(frozen=True)
class Figures:
    """What is known of the stock of one product, counted in codes."""

    terms: ProductTerms
    available: int
    expiring: int
    given: int
    shown: int
    quarantined: int
    expired: int
    sold: int

    @property
    def days_left(self) -> int | None:
        """Days that the stock lasts at the pace of the last `PACE` days; none without a pace."""
        return self.available * PACE // self.sold if self.sold else None

    @property
    def low(self) -> bool:
        """Whether the référents are to be alerted."""
        return self.available < self.terms.alert_threshold


def figures() -> list[Figures]:
    """Return the figures of every product that is handed over as codes, in the catalogue's order.

    Codes past their day count as expired, whether the hourly task came by or not.
    """
    counted = _counted()
    sold = _sold()
    terms = ProductTerms.objects.filter(kind=ProductTerms.Kind.CODE).select_related("product")
    return [
        Figures(one, **counted.get(one.pk, _NOTHING), sold=sold.get(one.pk, 0)) for one in terms
    ]


_NOTHING = dict.fromkeys(("available", "expiring", "given", "shown", "quarantined", "expired"), 0)


def _counted() -> dict[int, dict[str, int]]:
    today = timezone.localdate()
    usable = Q(state=_State.AVAILABLE, expires_on__gte=today)
    rows = (
        RechargeCode.objects.order_by()
        .values("product")
        .annotate(
            available=Count("pk", filter=usable),
            expiring=Count("pk", filter=usable & Q(expires_on__lt=today + dt.timedelta(days=SOON))),
            given=Count("pk", filter=Q(state=_State.GIVEN)),
            shown=Count("first_shown_at"),
            quarantined=Count("pk", filter=Q(state=_State.QUARANTINED)),
            expired=Count(
                "pk",
                filter=Q(state=_State.EXPIRED) | Q(state=_State.AVAILABLE, expires_on__lt=today),
            ),
        )
    )
    return {row.pop("product"): row for row in rows}


def lot_figures(lots: Iterable[int]) -> list[dict[str, Any]]:
    """Return a row for each product of each lot, in one query.

    Keys: ``lot``, ``title``, ``first`` and ``last`` (days of expiry), and the counts
    ``available``, ``given``, ``quarantined``, ``expired``.
    """
    rows = RechargeCode.objects.filter(lot__in=list(lots)).order_by("lot", "product")
    states = {str(state): Count("pk", filter=Q(state=state)) for state in _State}
    return list(
        rows.values("lot", title=F("product__title")).annotate(
            first=Min("expires_on"), last=Max("expires_on"), **states
        )
    )


def lot_counts(lots: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return how many codes each lot has in each state."""
    rows = RechargeCode.objects.filter(lot__in=list(lots)).order_by()
    counts: dict[int, dict[str, int]] = {}
    for lot, state, count in rows.values_list("lot", "state").annotate(Count("pk")):
        counts.setdefault(lot, {})[state] = count
    return counts


def expiring_lots() -> list[dict[str, Any]]:
    """Return the lots with codes in stock that expire within `SOON` days, the first ones first."""
    today = timezone.localdate()
    rows = RechargeCode.objects.filter(
        state=_State.AVAILABLE,
        product__terms__kind=ProductTerms.Kind.CODE,
        expires_on__gte=today,
        expires_on__lt=today + dt.timedelta(days=SOON),
    )
    return list(
        rows.order_by("expires_on", "lot")
        .values("expires_on", "lot", name=F("lot__name"), title=F("product__title"))
        .annotate(codes=Count("pk"))[:50]
    )


def _sold() -> dict[int, int]:
    """Return the units ordered, and not cancelled, in the last `PACE` days."""
    since = timezone.now() - dt.timedelta(days=PACE)
    lines = OrderLine.objects.filter(
        order__date_placed__gte=since, order__placed__cancelled_at__isnull=True
    )
    return dict(lines.order_by().values_list("product").annotate(Sum("quantity")))


@transaction.atomic
def expire() -> int:
    """Move codes past their last day out of the stock; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, [timezone.localdate()])
        gone = dict(cursor.fetchall())
    for lot in CodeLot.objects.filter(pk__in=gone):
        record(by=None, action="recharges.expired", target=lot, codes=gone[lot.pk])
    return sum(gone.values())


@transaction.atomic
def withdraw(*, by: User, lot: int, reason: str) -> int:
    """Take what is left of a lot out of the stock: its supplier says that it is bad.

    Args:
        by: the référent.
        lot: its key.
        reason: in their own words, `MIN_REASON` characters at least; the trail keeps it.

    Returns:
        How many codes were available.

    Raises:
        CodeLot.DoesNotExist: there is none.
        LotRefused: it is withdrawn already.
        ReasonMissing: the reason says too little.
    """
    row, why = _locked(lot, reason)
    if row.withdrawn_at:
        raise LotRefused("Ce lot est déjà retiré du stock.")
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    count = _quarantine(row)
    record(by=by, action="recharges.lot_withdrawn", target=row, codes=count, reason=why)
    return count


@transaction.atomic
def restore(*, by: User, lot: int, reason: str) -> int:
    """Put a withdrawn lot back: what was in stock, and has not expired since.

    Raises:
        CodeLot.DoesNotExist: there is none.
        LotRefused: it is in stock.
        ReasonMissing: the reason says too little.
    """
    row, why = _locked(lot, reason)
    if row.withdrawn_at is None:
        raise LotRefused("Ce lot n’est pas retiré du stock.")
    row.withdrawn_at = None
    row.save(update_fields=["withdrawn_at"])
    # Codes that a structure reported keep their order line: they are not the lot's to restore.
    count = RechargeCode.objects.filter(
        lot=row, state=_State.QUARANTINED, order_line__isnull=True
    ).update(state=_State.AVAILABLE)
    record(by=by, action="recharges.lot_restored", target=row, codes=count, reason=why)
    return count


def _locked(lot: int, reason: str) -> tuple[CodeLot, str]:
    why = " ".join(reason.split())[:300]
    if len(why) < MIN_REASON:
        raise ReasonMissing(
            f"Dites pourquoi, en {MIN_REASON} caractères au moins\u00a0: la raison est gardée."
        )
    return CodeLot.objects.select_for_update().get(pk=lot), why


def _quarantine(lot: CodeLot) -> int:
    return RechargeCode.objects.filter(lot=lot, state=_State.AVAILABLE).update(
        state=_State.QUARANTINED
    )


@transaction.atomic
def sweep_withdrawn() -> int:
    """Take out again what came back into a withdrawn lot: the codes of an order cancelled since."""
    count = 0
    for lot in CodeLot.objects.filter(withdrawn_at__isnull=False).select_for_update():
        back = _quarantine(lot)
        if back:
            record(by=None, action="recharges.lot_withdrawn", target=lot, codes=back)
        count += back
    return count


@transaction.atomic
def alert() -> int:
    """Write to the référents once for each product that fell under its threshold.

    A product that is above it again, or has left the catalogue, may fall again.

    Returns:
        How many products fell.
    """
    low = {one.terms.pk for one in figures() if one.low and one.terms.product.is_public}
    StockAlert.objects.exclude(product__in=low).delete()
    known = set(StockAlert.objects.values_list("product", flat=True))
    fallen = sorted(low - known)
    StockAlert.objects.bulk_create(
        (StockAlert(product_id=pk) for pk in fallen), ignore_conflicts=True
    )
    if fallen:
        people = User.objects.filter(is_active=True, groups__name=Role.REFERENT)
        for uuid in people.values_list("uuid", flat=True):
            enqueue("recharges.stock_low", {"user": str(uuid), "products": fallen})
    return len(fallen)
