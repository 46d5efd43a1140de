"""A month's run: opened once, prepared by batches of structures, as often as one likes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.billing import credits, drafts
from shop.billing.consumption import paying
from shop.billing.models import BillingRun, Invoice
from shop.billing.rights import check_manager
from shop.handovers.months import named, this_month

#: Structures of one message to the outbox: one transaction, a second's work.
BATCH = 100
TOPIC = "billing.prepare"


class MonthNotOver(DomainError):
    """The month still runs: its orders are not all there."""

    default_code = "month_not_over"


#: What refreshing says where it finds nothing.
DRAFT_GONE = "Ce brouillon n’existe plus\u00a0: il a été émis, ou n’a plus rien à facturer."


@dataclass(frozen=True)
class Review:
    """What a référent reads before issuing a run.

    Attributes:
        invoices, credit_notes: drafts and issued ones.
        drafts: what is not issued yet, of either kind.
        invoiced, credited: in euros.
        to_prepare: structures that owe for the month and have no invoice yet: batches that are
            still under way, or orders that came late.
    """

    invoices: int
    credit_notes: int
    drafts: int
    invoiced: Decimal
    credited: Decimal
    to_prepare: int


@transaction.atomic
def open_month(month: dt.date, *, by: User | None = None) -> BillingRun:
    """Open a month's run, or take it up again; its drafts are prepared by the outbox.

    Each batch of structures is a message, with its own wake-up: as many workers as there are
    share them. What a dead process held is delivered again, and finds its work done or not done.
    Called again, it prepares what is missing, refreshes the drafts, and changes nothing else.

    Args:
        month: a day of it.
        by: a référent or an administrator; none for the calendar and the command.

    Raises:
        MonthNotOver: nothing is written.
        NotAllowed: ``by`` may not touch invoices.
    """
    if by:
        check_manager(by)
    first = month.replace(day=1)
    if first >= this_month():
        raise MonthNotOver(
            f"{named(first).capitalize()} n’est pas terminé\u00a0: ses factures se préparent à "
            "partir du premier jour du mois suivant. Rien n’a été écrit."
        )
    run, created = BillingRun.objects.get_or_create(month=first)
    if created:
        record(by=by, action="billing.opened", target=run)
    elif to_prepare(run):  # an order that came late, or was cancelled late: open again
        again = BillingRun.objects.filter(pk=run.pk, state=BillingRun.State.ISSUED)
        again.update(state=BillingRun.State.DRAFT, issued_at=None)
        run.refresh_from_db()
    keys = _concerned(run)
    for start in range(0, len(keys), BATCH):
        enqueue(TOPIC, {"run": run.pk, "structures": keys[start : start + BATCH]})
    return run


def prepare(run: BillingRun, structures: Sequence[int]) -> None:
    """Write the drafts and the credit notes of some structures; again, it changes nothing."""
    drafts.write(run, structures)
    credits.collect(run, structures)


@transaction.atomic
def refresh(draft: Invoice) -> Invoice | None:
    """Make a draft say what its orders say now; one whose orders were all cancelled goes away.

    Returns:
        The draft; none where it went away, or was issued meanwhile.
    """
    drafts.bring_up_to_date(Invoice.objects.invoices().drafts().filter(pk=draft.pk))
    return Invoice.objects.drafts().filter(pk=draft.pk).first()


def review(run: BillingRun) -> Review:
    """Count a run, without locking or changing anything."""
    is_invoice = Q(kind=Invoice.Kind.INVOICE)
    counted = run.invoices.aggregate(
        invoices=Count("pk", filter=is_invoice),
        credit_notes=Count("pk", filter=~is_invoice),
        drafts=Count("pk", filter=Q(state=Invoice.State.DRAFT)),
        invoiced=Sum("total", filter=is_invoice, default=Decimal("0.00")),
        credited=Sum("total", filter=~is_invoice, default=Decimal("0.00")),
    )
    return Review(**counted, to_prepare=len(to_prepare(run)))


def to_prepare(run: BillingRun) -> list[int]:
    """Return the structures whose invoice, or credit notes, the run does not have yet."""
    billed = set(
        Invoice.objects.invoices().filter(month=run.month).values_list("structure", flat=True)
    )
    return sorted({*paying(run.month)} - billed | {*credits.to_collect(run.month)})


def without_siret(run: BillingRun) -> QuerySet[Invoice]:
    """Return the drafts that cannot be issued, because their structure has no SIRET."""
    return run.invoices.drafts().filter(structure__siret="").select_related("structure")


def _concerned(run: BillingRun) -> list[int]:
    """Return the structures to prepare: those that owe, have a draft, or are given back to."""
    drafted = run.invoices.invoices().drafts().values_list("structure", flat=True)
    return sorted({*paying(run.month), *drafted, *credits.to_collect(run.month)})
