"""Giving codes out, once each, and showing them to whom they were given."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Case, Exists, OuterRef, Value, When
from django.utils import timezone
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry
from portal.structures.models import Membership
from portal.ui.errors import DomainError, NotAllowed
from shop.recharges.models import CodeLot, RechargeCode, RechargeCodeQuerySet

Product = get_model("catalogue", "Product")

#: One statement: the partial index ``recharges_claim`` gives the oldest expiry first, rows that
#: another order is taking are skipped, and what is picked is given in the same breath. The
#: CTE is materialised so that its LIMIT holds whatever the planner makes of the join.
_CLAIM = """
WITH picked AS MATERIALIZED (
    SELECT id FROM recharges_rechargecode
    WHERE product_id = %(product)s AND state = 'available' AND expires_on >= %(today)s
    ORDER BY expires_on, id
    LIMIT %(units)s
    FOR UPDATE SKIP LOCKED
)
UPDATE recharges_rechargecode AS code
SET state = 'given', order_line_id = %(line)s, given_at = %(now)s
FROM picked WHERE code.id = picked.id
RETURNING code.id
"""


#: Characters of a reason that says something.
MIN_REASON = 10


class OutOfStock(DomainError):
    """Fewer codes are left than were asked for; the order is refused whole."""

    default_code = "out_of_stock"


class ReasonMissing(DomainError):
    """Staff asked for a code without saying why."""

    default_code = "reason_missing"
    default_message = (
        f"Dites pourquoi vous avez besoin de ce numéro, en {MIN_REASON} caractères au moins\u00a0: "
        "la raison est gardée."
    )


@dataclass(frozen=True)
class ShownCode:
    """A code in clear, on its way to a screen and nowhere else."""

    code: RechargeCode
    secret: str


def take(*, product_id: int, order_line_id: int, units: int) -> list[int]:
    """Give up to ``units`` codes of a product to an order line, the first to expire first.

    Args:
        product_id: Oscar's product.
        order_line_id: Oscar's order line.
        units: how many; at least 1.

    Returns:
        The keys of the codes given: fewer than ``units`` where the stock has fewer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "product": product_id,
                "today": timezone.localdate(),
                "units": units,
                "line": order_line_id,
                "now": timezone.now(),
            },
        )
        return [row[0] for row in cursor.fetchall()]


def claim(*, product_id: int, title: str, order_line_id: int, units: int) -> None:
    """Give ``units`` codes of a product to an order line, or refuse.

    Args:
        product_id: Oscar's product.
        title: its name, for the sentence.
        order_line_id: Oscar's order line.
        units: how many; at least 1.

    Raises:
        OutOfStock: fewer are left; the caller's transaction is to be rolled back.
    """
    given = len(take(product_id=product_id, order_line_id=order_line_id, units=units))
    if given < units:
        rest = f"il n’en reste que {given}" if given else "il n’en reste plus"
        raise OutOfStock(
            f"«\u00a0{title}\u00a0»\u00a0: {rest} en stock. Votre commande n’a pas été passée et "
            "rien n’a été pris\u00a0: réduisez la quantité ou choisissez une autre recharge."
        )


@transaction.atomic
def show(*, by: User, codes: RechargeCodeQuerySet, where: str) -> list[ShownCode]:
    """Decrypt codes for display, and record each display.

    The rows are locked: an order that is being cancelled takes its codes back first, and then
    they are not shown, or finds them shown, and then it stays.

    Args:
        by: who sees them.
        codes: those within the caller's scope; only ``given`` ones are shown.
        where: the screen, for the trail (``order``, ``history``, ``dictation``, ``ticket``).
    """
    locked = codes.given().order_by("pk").select_for_update(of=("self",), no_key=True)
    shown = [ShownCode(code, code.secret) for code in locked]
    RechargeCode.objects.filter(
        pk__in=[one.code.pk for one in shown], first_shown_at__isnull=True
    ).update(first_shown_at=timezone.now())
    AuditEntry.objects.bulk_create(
        entry(by=by, action="recharges.shown", target=one.code, where=where) for one in shown
    )
    return shown


@transaction.atomic
def show_to_staff(*, by: User, codes: RechargeCodeQuerySet, reason: str) -> list[ShownCode]:
    """Decrypt codes for somebody of the staff, in whatever state; the trail keeps the reason.

    Args:
        by: who asks.
        codes: which ones.
        reason: in their own words, `MIN_REASON` characters at least.

    Raises:
        NotAllowed: their roles do not let them see a code.
        ReasonMissing: the reason says too little.
    """
    if not by.has_perm("recharges.show_code"):
        raise NotAllowed
    why = " ".join(reason.split())
    if len(why) < MIN_REASON:
        raise ReasonMissing
    shown = [ShownCode(code, code.secret) for code in codes.order_by("pk")]
    AuditEntry.objects.bulk_create(
        entry(by=by, action="recharges.shown_to_staff", target=one.code, reason=why[:300])
        for one in shown
    )
    return shown


def put_back(order_line_ids: Collection[int]) -> bool:
    """Return an order's codes to the stock, all of them or none.

    Those of a withdrawn lot go where the rest of it is.

    Returns:
        False where one of them was shown or doubted: nothing was changed.
    """
    codes = RechargeCode.objects.filter(order_line__in=order_line_ids).order_by("pk")
    locked = list(codes.select_for_update(of=("self",)).defer("secret"))
    if any(code.first_shown_at or code.state != RechargeCode.State.GIVEN for code in locked):
        return False
    withdrawn = CodeLot.objects.filter(pk=OuterRef("lot"), withdrawn_at__isnull=False)
    state = Case(
        When(Exists(withdrawn), then=Value(RechargeCode.State.QUARANTINED)),
        default=Value(RechargeCode.State.AVAILABLE),
    )
    RechargeCode.objects.filter(pk__in=[code.pk for code in locked]).update(
        state=state, order_line=None, given_at=None
    )
    return True


def last_codes(membership: Membership, limit: int) -> list[RechargeCode]:
    """Return the last codes given to the structure, hidden, the newest first."""
    return list(
        RechargeCode.objects.visible_to(membership)
        .given()
        .select_related("product", "order_line__order__placed")
        .defer("secret")
        .order_by("-given_at", "-pk")[:limit]
    )
