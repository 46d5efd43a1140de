"""The ledger of free quotas: what is left, and drawing on it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from portal.structures.models import Structure
from portal.ui.errors import DomainError
from shop.quotas.models import FreeQuota, QuotaUse


class QuotaExhausted(DomainError):
    """A quota holds less than what is drawn; the database would refuse it too."""

    default_code = "quota_exhausted"
    default_message = (
        "La dotation gratuite de votre structure vient de changer. Rien n’a été commandé\u00a0: "
        "revenez au panier pour voir le nouveau total."
    )


def open_quotas(structure: Structure, *, on: dt.date | None = None) -> list[FreeQuota]:
    """Return the quotas that ``structure`` may draw on, the first to end first."""
    day = on or timezone.localdate()
    return list(
        FreeQuota.objects.open_for(structure, on=day)
        .select_related("product")
        .order_by("ends_on", "pk")
    )


def lock_quotas(structure: Structure, products: Iterable[int]) -> list[FreeQuota]:
    """Lock the open quotas of these products, always in the order of their keys.

    A colleague's order waits here, then reads the balance that this one leaves.
    """
    rows = (
        FreeQuota.objects.open_for(structure, on=timezone.localdate())
        .filter(product__in=list(products))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return sorted(rows, key=lambda quota: (quota.ends_on, quota.pk))


def left_by_product(quotas: Iterable[FreeQuota]) -> dict[int, int]:
    """Sum what is left, by product id."""
    left: dict[int, int] = defaultdict(int)
    for quota in quotas:
        left[quota.product_id] += quota.left
    return dict(left)


def draw(quotas: Sequence[FreeQuota], draws: Iterable[tuple[int, int, int]]) -> None:
    """Take free units from locked quotas, the first to end first, and write the ledger.

    Args:
        quotas: locked by `lock_quotas` in this transaction.
        draws: product id, order line id, units.

    Raises:
        QuotaExhausted: the quotas hold less; the caller's transaction is to be rolled back.
    """
    uses = []
    for product_id, order_line_id, units in draws:
        wanted = units
        for quota in quotas:
            if quota.product_id != product_id or not wanted or not quota.left:
                continue
            taken = min(wanted, quota.left)
            FreeQuota.objects.filter(pk=quota.pk).update(used=F("used") + taken)
            quota.used += taken
            wanted -= taken
            uses.append(QuotaUse(quota=quota, order_line_id=order_line_id, quantity=taken))
        if wanted:
            raise QuotaExhausted
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
