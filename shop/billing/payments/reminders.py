"""Reminders of invoices that are not paid, 15, 30 and 45 days after their due date.

A row decides a reminder, once a step; the outbox sends it. After a pause only the newest step is
sent, and a text that the settings leave empty sends none.
"""

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from portal.outbox.mail import send_email
from portal.outbox.services import enqueue_each
from portal.structures.agreements.mails import lead_of
from shop.billing.models import BillingSettings, Invoice, Reminder
from shop.handovers.months import named

TOPIC = "billing.reminder"
#: Invoices that one transaction decides about.
BATCH = 200
log = structlog.get_logger("espace.billing")


def remind() -> int:
    """Decide on today's reminders, and have each sent; again the same day it adds nothing.

    Returns:
        How many were decided.
    """
    today, facts = timezone.localdate(), BillingSettings.load()
    decided = 0
    for step in Reminder.Step:
        if not text_of(facts, step):
            continue
        while count := _decide(step, today):
            decided += count
    if decided:
        log.info("billing.reminders_decided", count=decided)
    return decided


@transaction.atomic
def send(pk: int) -> None:
    """Send a reminder to the structure's référent, unless it lost its reason meanwhile.

    Nothing leaves for an invoice that was paid or credited wholly, or that has a newer reminder;
    a message that is delivered again sends nothing more.
    """
    reminder = Reminder.objects.select_for_update(of=("self",)).get(pk=pk)
    invoice = Invoice.objects.with_balance().get(pk=reminder.invoice_id)
    newer = Reminder.objects.filter(invoice=invoice, step__gt=reminder.step).exists()
    facts = BillingSettings.load()
    text = text_of(facts, Reminder.Step(reminder.step))
    if reminder.sent_at or newer or not text or not invoice.left:
        return
    lead = lead_of(invoice.structure)
    if lead is None:
        log.warning("billing.reminder_to_nobody", invoice=invoice.number)
        return
    send_email(
        key=f"reminder-{invoice.uuid}-{reminder.step}-{lead.uuid}",
        to=lead.email,
        template="billing/reminder",
        context={
            "invoice": invoice,
            "month": named(invoice.month),
            "text": text,
            "path": f"/mon-compte/factures/{invoice.uuid}/",
            "is_last": reminder.step == Reminder.Step.LAST,
        },
    )
    reminder.sent_at = timezone.now()
    reminder.save(update_fields=["sent_at"])


def text_of(facts: BillingSettings, step: Reminder.Step) -> str:
    """Return the text of a step, as the settings have it."""
    text: str = getattr(facts, f"reminder_{step.value}")
    return text.strip()


@transaction.atomic
def _decide(step: Reminder.Step, today: dt.date) -> int:
    """Decide on a batch of one step's reminders, under the locks of their invoices."""
    held = _due(step, today).select_for_update(of=("self",), no_key=True, skip_locked=True)
    keys = list(held.order_by("pk").values_list("pk", flat=True)[:BATCH])
    due = _due(step, today).filter(pk__in=keys)  # what somebody else decided before we locked
    made = Reminder.objects.bulk_create(
        Reminder(invoice_id=pk, step=step, asked_on=today)
        for pk in due.values_list("pk", flat=True)
    )
    enqueue_each(TOPIC, [{"reminder": one.pk} for one in made])
    return len(made)


def _due(step: Reminder.Step, today: dt.date) -> QuerySet[Invoice]:
    """Return the unpaid invoices whose newest step this is, and that wait for it."""
    steps = list(Reminder.Step)
    later = steps[steps.index(step) + 1 :]
    found = Invoice.objects.invoices().issued()
    found = found.filter(due_on__lte=today - dt.timedelta(days=step.value))
    if later:
        found = found.filter(due_on__gt=today - dt.timedelta(days=later[0].value))
    mine = Reminder.objects.filter(invoice=OuterRef("pk"))
    told = Exists(mine.filter(step__gte=step)) | Exists(mine.filter(asked_on=today))
    return found.filter(~told).with_balance().filter(left__gt=0)
