"""Invoices of past months, credit notes and payments: what a structure's lead finds there."""

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import time_machine

from portal.accounts.models import User
from portal.structures.models import Membership
from shop.billing import credits, issuing, runs
from shop.billing.models import Invoice, InvoiceDocument, InvoiceLine, Payment
from shop.handovers.months import following, previous, this_month
from tests import factories
from tests.billing import world

HOME = "/mon-compte/factures/"


def month(ago: int) -> dt.date:
    """Return the first day of a month, ``ago`` months before this one."""
    found = this_month()
    for _ in range(ago):
        found = previous(found)
    return found


def issued(of: dt.date, on: dt.date | None = None) -> Invoice:
    """Issue the invoice of a month that was ordered in, by default on the first of the next one."""
    day = on or following(of)
    by = world.manager()
    with time_machine.travel(dt.datetime(day.year, day.month, day.day, 9, tzinfo=world.PARIS)):
        world.opened(of)
        made = issuing.issue(Invoice.objects.get(month=of, kind="invoice"), by=by)
    assert made is not None
    return made


def invoice(member: Membership, ago: int, **quantities: int) -> Invoice:
    """Order in a month that is over, and issue its invoice at the beginning of the next one."""
    world.ordered(member, world.noon(month(ago)), **quantities)
    return issued(month(ago))


def credit(corrected: Invoice, units: int = 1, reason: str = "Geste commercial") -> Invoice:
    """Issue a credit note of units of the first line of an invoice, today."""
    line = InvoiceLine.objects.filter(invoice=corrected).earliest("position")
    by = world.manager()
    note = credits.draft_credit_note(
        by=by,
        invoice=corrected.uuid,
        quantities={line.pk: units},
        reason=reason,
        key=uuid4(),
    )
    made = issuing.issue(note, by=by)
    assert made is not None
    return made


def pay(one: Invoice, amount: str, on: dt.date | None = None) -> Payment:
    """Write a payment down."""
    return Payment.objects.create(
        invoice=one,
        amount=Decimal(amount),
        received_on=on or factories.today(),
        by=world.manager(),
        reference="VIR 12",
    )


def drawn(one: Invoice, content: bytes = b"%PDF-1.7 drawn") -> InvoiceDocument:
    """Keep a document that takes no time to draw, where there is none."""
    facts = {"pdf": content, "xml": b"<x/>", "sha256": "0"}
    return InvoiceDocument.objects.get_or_create(invoice=one, defaults=facts)[0]


def objects(*, by: User, partner: Membership) -> dict[str, object]:
    """Issue an invoice of the partner's structure; return arguments of addresses.

    What else waits in the outbox goes on waiting.
    """
    world.seller()
    partner.structure.siret = world.siret()
    partner.structure.save(update_fields=["siret"])
    factories.lot("monde", factories.codes(1, start=900))
    world.ordered(factories.MembershipFactory(structure=partner.structure), monde=1)
    run = runs.open_month(world.last_month())
    runs.prepare(run, [partner.structure_id])
    made = issuing.issue(world.only(), by=by)
    assert made is not None
    drawn(made)
    return {"mon-compte/factures/|uuid": made.uuid}
