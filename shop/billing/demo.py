"""Invoices of the demonstration: a month that is late, last month's, and a credit note to read."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from uuid import uuid4

from django.utils import timezone

from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.structures.models import Membership
from shop.billing import credits, freezing, issuing, runs
from shop.billing.consumption import bounds
from shop.billing.models import BillingRun, BillingSettings, Invoice, NumberSeries, Payment
from shop.billing.payments.services import record_payment
from shop.handovers.months import following, previous, this_month
from shop.ordering import baskets
from shop.ordering.models import PlacedOrder
from shop.ordering.services import place_order, preview

#: Right by their keys, and nobody's: made of zeros, or of the word.
SELLER = {
    "address": "1 rue de l’Exemple",
    "postcode": "75019",
    "city": "Paris",
    "siret": "00000000000018",
    "iban": "FR600000000000DEMONSTRATI32",
    "bic": "DEMOFRPPXXX",
}
SIRETS = ("00000001800010", "00000002600013")
#: What the structures ordered, months ago: of each, product, units and day.
ORDERS = {
    3: ((("monde", 5, 6), ("illimite-france", 2, 19)), (("monde", 3, 12),)),
    1: ((("monde", 4, 8), ("illimite-france", 3, 22)), (("illimite-france", 2, 15),)),
}


def load(members: Iterable[Membership], *, by: User) -> None:
    """Invoice two past months of the members' structures, once.

    The first of them is late: one structure has paid a part of it, the other one the whole.

    Args:
        members: the structures' référents, in the order of `ORDERS`.
        by: a référent.
    """
    if BillingRun.objects.exists():
        return
    leads = list(members)
    _facts(leads)
    for ago, orders in ORDERS.items():
        month = _months_ago(ago)
        for member, wanted in zip(leads, orders, strict=True):
            for upc, units, day in wanted:
                _order(member, upc, units, month + dt.timedelta(days=day))
        run = runs.open_month(month, by=by)
        runs.prepare(run, runs.to_prepare(run))
        for draft in run.invoices.drafts().order_by("pk"):
            if ago == 1:
                issuing.issue(draft, by=by)
            else:
                _issue_then(draft, by, following(month))
        if ago != 1:
            _pay(run, by)
    _give_back(Invoice.objects.issued().earliest("year", "rank"), by)


def _months_ago(count: int) -> dt.date:
    month = this_month()
    for _ in range(count):
        month = previous(month)
    return month


def _facts(leads: list[Membership]) -> None:
    """Write what an invoice says of the seller and of the structures, where they say nothing."""
    seller = BillingSettings.load()
    if not seller.siret:
        for name, value in SELLER.items():
            setattr(seller, name, value)
        seller.full_clean()
        seller.save()
    for lead, siret in zip(leads, SIRETS, strict=True):
        if not lead.structure.siret:
            lead.structure.siret = siret
            lead.structure.save(update_fields=["siret"])


def _order(member: Membership, upc: str, units: int, day: dt.date) -> None:
    """Place an order as if on a day of the past."""
    baskets.add(by=member, upc=upc, quantity=units)
    basket = baskets.get_or_open(member)
    placed = place_order(by=member, key=basket.key, seen=preview(member, basket).digest)
    start, _ = bounds(day)
    at = start + dt.timedelta(days=day.day - 1, hours=10)
    PlacedOrder.objects.filter(pk=placed.pk).update(placed_at=at)


def _issue_then(draft: Invoice, by: User, on: dt.date) -> None:
    """Issue a draft as on a day of the past: the service knows of today only."""
    facts = BillingSettings.load()
    series, _ = NumberSeries.objects.get_or_create(year=on.year)
    series.last, series.last_on = series.last + 1, on
    series.save()
    draft.year, draft.rank, draft.number = series.year, series.last, str(series)
    freezing.freeze(draft, facts, on=on)
    draft.state, draft.issued_by = Invoice.State.ISSUED, by
    draft.save()
    record(by=by, action="billing.issued", target=draft, number=draft.number)
    enqueue(issuing.ISSUED_TOPIC, {"invoice": str(draft.uuid)})
    if draft.run and not draft.run.invoices.drafts().exists():
        BillingRun.objects.filter(pk=draft.run.pk).update(
            state=BillingRun.State.ISSUED, issued_at=timezone.now()
        )


def _pay(run: BillingRun, by: User) -> None:
    """Pay a part of the run's first invoice, and the whole of the others."""
    for rank, invoice in enumerate(run.invoices.issued().order_by("rank")):
        record_payment(
            by=by,
            invoice=invoice.uuid,
            amount=invoice.total if rank else Decimal("10.00"),
            received_on=following(run.month) + dt.timedelta(days=20),
            method=Payment.Method.TRANSFER,
            key=uuid4(),
            reference=str(invoice.number),
        )


def _give_back(invoice: Invoice, by: User) -> None:
    """Draft a credit note of one unit, for somebody to read and issue."""
    line = invoice.lines.filter(is_free=False).earliest("position")
    credits.draft_credit_note(
        by=by,
        invoice=invoice.uuid,
        quantities={line.pk: 1},
        reason="Une recharge donnée deux fois le même jour",
        key=uuid4(),
    )
