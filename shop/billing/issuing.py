"""Issuing: a number, frozen facts, and the messages that draw and announce the document."""

import datetime as dt
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.outbox.services import enqueue, enqueue_each
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.billing import freezing, runs
from shop.billing.consumption import bounds
from shop.billing.drafts import bring_up_to_date
from shop.billing.models import BillingRun, BillingSettings, Invoice, NumberSeries
from shop.billing.rights import check_manager
from shop.ordering.models import PlacedOrder

ISSUE_TOPIC = "billing.issue"
ISSUED_TOPIC = "billing.issued"
#: Messages of a run's issuing that one wake-up of the relay announces.
SHARE = 100
#: Seconds from one drawing of a run to the next: a third of what two workers can do, so that the
#: e-mails of others do not wait behind thousands of documents.
PACE = 0.2
log = structlog.get_logger("espace.billing")


class RunNotReady(DomainError):
    """The run cannot be issued whole yet."""

    default_code = "run_not_ready"
    default_message = (
        "Les brouillons de ce mois sont encore en préparation. Revenez dans un instant, ou "
        "relancez la préparation."
    )


class ClockWentBack(DomainError):
    """Today is before the last invoice's date."""

    default_code = "clock_went_back"


@dataclass(frozen=True)
class Asked:
    """What issuing a run set going.

    Attributes:
        count: invoices and credit notes that are being issued.
        left: drafts that stay, and the sentence that says why.
    """

    count: int
    left: list[tuple[Invoice, str]]


def issue(invoice: Invoice, *, by: User) -> Invoice | None:
    """Number an invoice or a credit note, freeze it and send it on its way, in one transaction.

    The draft is first read again from its orders, under their locks: an order that is being
    cancelled is waited for. Two clicks issue once.

    Args:
        invoice: a draft; one that is issued already is returned as it is.
        by: a référent or an administrator.

    Returns:
        The issued invoice; none where all its orders were cancelled: the draft is gone.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        FactsMissing: of the seller or of the buyer.
        ClockWentBack: an invoice carries a later date than today.
    """
    check_manager(by)
    return issue_asked(invoice.pk, by=by)


@transaction.atomic
def issue_asked(pk: int, *, by: User, rank: int = 0) -> Invoice | None:
    """Issue what somebody who may has asked for; see `issue`.

    Locks in this order: orders, invoice, series of numbers, run. Those that others wait for come
    last, so that they wait no longer than the writing takes.

    Args:
        pk: of a draft.
        by: who asked.
        rank: among those of a run: as many documents are drawn before its own.
    """
    invoice = Invoice.objects.drafts().invoices().filter(pk=pk).first()
    if invoice:
        _hold_orders(invoice)
        bring_up_to_date(Invoice.objects.invoices().drafts().filter(pk=pk))
    held = Invoice.objects.select_for_update(of=("self",)).select_related("structure")
    found = held.filter(pk=pk).first()
    if found is None and invoice:  # nothing is left of it
        _close(invoice.run_id)
    if found is None or found.is_issued:  # or it was a second click
        return found
    facts = BillingSettings.load()
    freezing.check_seller(facts)
    freezing.check_buyer(found.structure)
    _number(found, facts)
    found.state, found.issued_by = Invoice.State.ISSUED, by
    found.save()
    record(by=by, action="billing.issued", target=found, number=found.number)
    message = enqueue(ISSUED_TOPIC, {"invoice": str(found.uuid)})
    run = _close(found.run_id)
    if rank and run and run.issue_asked_at:
        turn = run.issue_asked_at + rank * dt.timedelta(seconds=PACE)
        message.due_at = max(message.due_at, turn)
        message.save(update_fields=["due_at"])
    return found


@transaction.atomic
def issue_run(run: BillingRun, *, by: User) -> Asked:
    """Have every draft of a run issued by the outbox, each in a transaction of its own.

    What cannot be issued stays a draft, and the run stays open for it: once it is mended the same
    call issues it. A process that dies leaves the others' numbers whole; its own message is
    delivered again.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
        FactsMissing: the seller's own facts: nothing is issued.
        RunNotReady: drafts are still being prepared.
    """
    check_manager(by)
    freezing.check_seller(BillingSettings.load())
    held = BillingRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if runs.to_prepare(held):
        raise RunNotReady
    drafts = held.invoices.drafts().select_related("structure").order_by("structure__name", "pk")
    ready: list[dict[str, int]] = []
    left: list[tuple[Invoice, str]] = []
    for draft in drafts.iterator(chunk_size=1000):  # there may be 10,000
        missing = freezing.missing_of(draft.structure)
        if missing:
            left.append((draft, freezing.refusal(draft.structure, missing)))
        else:
            ready.append({"invoice": draft.pk, "by": by.pk, "rank": len(ready)})
    if ready:
        held.issue_asked_at, held.issue_asked_by = timezone.now(), by
        held.save(update_fields=["issue_asked_at", "issue_asked_by"])
        record(by=by, action="billing.run_issued", target=held, invoices=len(ready))
    for start in range(0, len(ready), SHARE):  # a wake-up each: workers share them
        enqueue_each(ISSUE_TOPIC, ready[start : start + SHARE])
    _close(held.pk)
    return Asked(len(ready), left)


def _hold_orders(invoice: Invoice) -> None:
    """Lock the orders of an invoice's month, as cancelling one does: it waits, or we do."""
    start, end = bounds(invoice.month)
    orders = PlacedOrder.objects.filter(
        structure=invoice.structure_id, placed_at__gte=start, placed_at__lt=end
    )
    held = orders.select_for_update(of=("self",), no_key=True).order_by("pk")
    list(held.values_list("pk"))


def _number(invoice: Invoice, facts: BillingSettings) -> None:
    """Lock the year's series, take its next number, and freeze the draft as of today in Paris.

    The day is read under the lock, so that dates never go back along the numbers.

    Raises:
        ClockWentBack: the server's date is before the last invoice's.
    """
    year = timezone.localdate().year
    held = NumberSeries.objects.select_for_update(of=("self",)).filter(year=year)
    series = held.first()
    if series is None:  # the year's first: whoever else writes it is waited for
        NumberSeries.objects.bulk_create([NumberSeries(year=year)], ignore_conflicts=True)
        series = held.get()
    today = timezone.localdate()
    if today.year != year:  # midnight of New Year's Eve passed while we waited
        return _number(invoice, facts)
    if series.last_on and today < series.last_on:
        raise ClockWentBack(
            f"La dernière facture est datée du {series.last_on:%d/%m/%Y}, et ce serveur est le "
            f"{today:%d/%m/%Y}. Rien n’a été émis\u00a0: faites vérifier son horloge."
        )
    series.last, series.last_on = series.last + 1, today
    series.save(update_fields=["last", "last_on"])
    invoice.year, invoice.rank, invoice.number = series.year, series.last, str(series)
    freezing.freeze(invoice, facts, on=today)


def _close(pk: int | None) -> BillingRun | None:
    """Mark a run as issued once nothing of it is left to issue or to prepare, and return it.

    Its lock, held until the commit, shows each issuing what all others before it left.
    """
    if pk is None:
        return None
    run = BillingRun.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if run.state == run.State.ISSUED or run.invoices.drafts().exists() or runs.to_prepare(run):
        return run
    run.state, run.issued_at = run.State.ISSUED, timezone.now()
    run.save(update_fields=["state", "issued_at"])
    log.info("billing.run_closed", month=f"{run.month:%Y-%m}")
    return run
