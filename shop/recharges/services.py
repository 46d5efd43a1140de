"""Giving codes out, once each, and showing them to whom they were given."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry
from portal.ui.errors import DomainError
from shop.recharges.models import RechargeCode

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
"""


class OutOfStock(DomainError):
    """Fewer codes are left than were asked for; the order is refused whole."""

    default_code = "out_of_stock"


@dataclass(frozen=True)
class ShownCode:
    """A code in clear, on its way to a screen and nowhere else."""

    code: RechargeCode
    secret: str


def claim(*, product_id: int, title: str, order_line_id: int, units: int) -> None:
    """Give ``units`` codes of a product to an order line, the first to expire first.

    Args:
        product_id: Oscar's product.
        title: its name, for the sentence.
        order_line_id: Oscar's order line.
        units: how many; at least 1.

    Raises:
        OutOfStock: fewer are left; the caller's transaction is to be rolled back.
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
        given = cursor.rowcount
    if given < units:
        rest = f"il n’en reste que {given}" if given else "il n’en reste plus"
        raise OutOfStock(
            f"«\u00a0{title}\u00a0»\u00a0: {rest} en stock. Votre commande n’a pas été passée et "
            "rien n’a été pris\u00a0: réduisez la quantité ou choisissez une autre recharge."
        )


def next_code() -> Subquery:
    """Return an expression: the key of the code that would be given next; null where none is left.

    It reads the first entry of the partial index, whatever the size of the stock. The order is
    what makes the planner use that index: an ``EXISTS`` may have any row, so it reads the table
    from its start, over all that was given out already.
    """
    available = RechargeCode.objects.filter(
        product=OuterRef("pk"),
        state=RechargeCode.State.AVAILABLE,
        expires_on__gte=timezone.localdate(),
    )
    return Subquery(available.order_by("expires_on", "pk").values("pk")[:1])


@transaction.atomic
def show(*, by: User, codes: Mapping[int, RechargeCode], where: str) -> list[ShownCode]:
    """Decrypt codes for display, and record each display.

    Args:
        by: who sees them.
        codes: by primary key; the caller fetched them within its scope.
        where: the screen, for the trail (``order``, ``history``).
    """
    shown = [ShownCode(code, code.secret) for code in codes.values()]
    RechargeCode.objects.filter(pk__in=codes, first_shown_at__isnull=True).update(
        first_shown_at=timezone.now()
    )
    AuditEntry.objects.bulk_create(
        entry(by=by, action="recharges.shown", target=one.code, where=where) for one in shown
    )
    return shown
