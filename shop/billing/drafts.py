"""Drafts of a run: written from the orders, and written again where the orders changed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from shop.billing.consumption import Consumed, consumed
from shop.billing.models import BillingRun, Invoice, InvoiceLine
from shop.handovers.months import following

_SAID = (
    *("order_line_id", "order_number", "ordered_on", "member", "title", "upc"),
    *("quantity", "unit_price", "is_free"),
)
_A_DAY = dt.timedelta(days=1)


@transaction.atomic
def write(run: BillingRun, structures: Collection[int]) -> None:
    """Make the drafts of these structures say what their orders say; what is issued stays.

    Whoever writes the same drafts at this moment is waited for. A draft that says it already is
    not touched; one whose orders were all cancelled goes away.
    """
    wanted = _by_structure(consumed(structures, run.month))
    billed = Invoice.objects.invoices().filter(month=run.month, structure__in=structures)
    known = set(billed.values_list("structure", flat=True))
    missing = [key for key, rows in sorted(wanted.items()) if key not in known and _owes(rows)]
    Invoice.objects.bulk_create(
        [
            Invoice(
                structure_id=key,
                run=run,
                month=run.month,
                supplied_from=run.month,
                supplied_to=following(run.month) - _A_DAY,
            )
            for key in missing
        ],
        ignore_conflicts=True,  # a colleague's command was quicker
    )
    bring_up_to_date(billed.drafts(), wanted)


def bring_up_to_date(
    drafts: QuerySet[Invoice], wanted: dict[int, list[Consumed]] | None = None
) -> None:
    """Lock drafts of invoices and write again those that differ from the orders.

    Args:
        drafts: of one month.
        wanted: what their structures consumed, where the caller knows.
    """
    held = list(drafts.select_for_update(of=("self",)).order_by("pk"))
    if not held:
        return
    if wanted is None:
        wanted = _by_structure(consumed([one.structure_id for one in held], held[0].month))
    present = _present(held)
    empty, changed = [], []
    for one in held:
        rows = wanted.get(one.structure_id, [])
        if not _owes(rows):
            empty.append(one.pk)
        elif present.get(one.pk) != [_said(row) for row in rows]:
            changed.append(one)
    InvoiceLine.objects.filter(invoice__in=[*empty, *(one.pk for one in changed)]).delete()
    Invoice.objects.filter(pk__in=empty).delete()
    InvoiceLine.objects.bulk_create(
        (
            InvoiceLine(
                invoice=one,
                position=position,
                total=row.total,
                **dict(zip(_SAID, _said(row), strict=True)),
            )
            for one in changed
            for position, row in enumerate(wanted[one.structure_id], start=1)
        ),
        batch_size=1000,
    )
    for one in changed:
        one.total = sum((row.total for row in wanted[one.structure_id]), Decimal("0.00"))
    Invoice.objects.bulk_update(changed, ["total"], batch_size=500)


def _by_structure(rows: Iterable[Consumed]) -> dict[int, list[Consumed]]:
    found: dict[int, list[Consumed]] = defaultdict(list)
    for row in rows:
        found[row.structure_id].append(row)
    return dict(found)


def _owes(rows: Iterable[Consumed]) -> bool:
    """Return whether anything of it is paid: free units alone make no invoice."""
    return any(not row.is_free for row in rows)


def _said(row: Consumed) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _SAID)


def _present(drafts: Iterable[Invoice]) -> dict[int, list[tuple[Any, ...]]]:
    """Return what the lines of drafts say, in their order."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    lines = InvoiceLine.objects.filter(invoice__in=drafts).order_by("invoice", "position")
    for invoice, *said in lines.values_list("invoice", *_SAID):
        found[invoice].append(tuple(said))
    return found
