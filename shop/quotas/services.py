"""The ledger of free quotas: what is left, and drawing on it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from portal.structures.models import Structure
from shop.quotas.models import FreeQuota, QuotaUse
from shop.quotas.split import Draw, Pool


def open_quotas(structure: Structure, *, on: dt.date | None = None) -> list[FreeQuota]:
    """Return the quotas that ``structure`` may draw on, the first to end first."""
    day = on or timezone.localdate()
    return list(
        FreeQuota.objects.open_for(structure, on=day)
        .select_related("product", "campaign")
        .order_by("ends_on", "pk")
    )


def lock_quotas(structure: Structure, products: Iterable[int]) -> list[FreeQuota]:
    """Lock the open quotas of these products, always in the order of their keys.

    A colleague's order waits here, then reads the balance that this one leaves.
    """
    rows = (
        FreeQuota.objects.open_for(structure, on=timezone.localdate())
        .filter(product__in=list(products))
        .select_related("campaign")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return sorted(rows, key=lambda quota: (quota.ends_on, quota.pk))


def pools_by_product(quotas: Iterable[FreeQuota]) -> dict[int, list[Pool]]:
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
    uses = []
    for order_line_id, one in draws:
        FreeQuota.objects.filter(pk=one.quota_id).update(used=F("used") + one.units)
        uses.append(
            QuotaUse(quota_id=one.quota_id, order_line_id=order_line_id, quantity=one.units)
        )
    QuotaUse.objects.bulk_create(uses)


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
