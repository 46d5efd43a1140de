"""The ledger of free quotas: what is left, and drawing on it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from portal.structures.models import Structure
from shop.quotas.models import FreeQuota, QuotaUse
from shop.quotas.split import Draw, Pool

# In SQL, like the claim of codes: the ORM takes longer to write these two than the database to
# run them, and they are run while a colleague's order waits.
_LOCK = """
SELECT quota.ends_on, quota.id, quota.product_id, quota.granted - quota.used, campaign.offer_id
FROM quotas_freequota quota
LEFT JOIN quotas_campaign campaign ON campaign.id = quota.campaign_id
WHERE quota.structure_id = %(structure)s AND quota.product_id = ANY(%(products)s)
  AND quota.starts_on <= %(today)s AND quota.ends_on >= %(today)s
ORDER BY quota.id
FOR NO KEY UPDATE OF quota
"""
#: Movements and balances in one statement: they cannot part.
_DRAW = """
WITH drawn AS (
    INSERT INTO quotas_quotause (quota_id, order_line_id, quantity, created_at)
    SELECT quota_id, line_id, units, %(now)s
    FROM unnest(%(quotas)s::bigint[], %(lines)s::bigint[], %(units)s::int[])
        AS one (quota_id, line_id, units)
    RETURNING quota_id, quantity
)
UPDATE quotas_freequota AS quota SET used = used + total.units
FROM (SELECT quota_id, sum(quantity) AS units FROM drawn GROUP BY quota_id) AS total
WHERE quota.id = total.quota_id
"""


def open_quotas(structure: Structure, *, on: dt.date | None = None) -> list[FreeQuota]:
    """Return the quotas that ``structure`` may draw on, the first to end first."""
    day = on or timezone.localdate()
    return list(
        FreeQuota.objects.open_for(structure, on=day)
        .select_related("product", "campaign")
        .order_by("ends_on", "pk")
    )


class LockedQuota(NamedTuple):
    """What an order needs of a quota that it holds, in the order of drawing: first to end first."""

    ends_on: dt.date
    pk: int
    product_id: int
    left: int
    offer_id: int | None


def lock_quotas(structure: Structure, products: Iterable[int]) -> list[LockedQuota]:
    """Lock the open quotas of these products, always in the order of their keys.

    A colleague's order waits here, then reads the balance that this one leaves.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK,
            {
                "structure": structure.pk,
                "products": list(products),
                "today": timezone.localdate(),
            },
        )
        return sorted(LockedQuota(*row) for row in cursor.fetchall())


def pools_by_product(quotas: Iterable[FreeQuota | LockedQuota]) -> dict[int, list[Pool]]:
    """Return what can be drawn, by product id, in the order of ``quotas``."""
    pools: dict[int, list[Pool]] = defaultdict(list)
    for quota in quotas:
        pools[quota.product_id].append(Pool(quota.pk, quota.left, quota.offer_id))
    return dict(pools)


def draw(draws: Iterable[tuple[int, Draw]]) -> None:
    """Take free units from quotas and write the ledger.

    The database refuses what a quota does not hold; under the locks of `lock_quotas`, a split of
    those quotas never asks for it.

    Args:
        draws: order line id, and what the split takes for it.
    """
    taken = list(draws)
    if not taken:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _DRAW,
            {
                "lines": [line_id for line_id, _ in taken],
                "quotas": [one.quota_id for _, one in taken],
                "units": [one.units for _, one in taken],
                "now": timezone.now(),
            },
        )


@transaction.atomic
def give_back(order_line_ids: Iterable[int]) -> None:
    """Return to their quotas what these order lines drew; a second call finds nothing to return.

    The quotas are locked in the order of their keys, as an order locks them, and the ledger is
    read again under the locks.

    Args:
        order_line_ids: Oscar's order lines, of a cancelled order.
    """
    uses = QuotaUse.objects.filter(order_line__in=list(order_line_ids), returned_at__isnull=True)
    quotas = FreeQuota.objects.filter(pk__in=uses.values("quota")).order_by("pk")
    list(quotas.select_for_update(of=("self",), no_key=True).values_list("pk"))
    taken = uses.order_by("quota").values_list("quota").annotate(total=Sum("quantity"))
    for quota_id, total in list(taken):
        FreeQuota.objects.filter(pk=quota_id).update(used=F("used") - total)
    uses.update(returned_at=timezone.now())
