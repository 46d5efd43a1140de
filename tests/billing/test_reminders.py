"""Reminders 15, 30 and 45 days after the due date: once a step, to whom it concerns, no code."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
import time_machine
from django.core import mail

from portal.outbox.models import OutboxMessage
from portal.settings.schedule import CELERY_BEAT_SCHEDULE
from portal.structures.models import Membership
from shop.billing import credits, issuing
from shop.billing.models import BillingSettings, Invoice, InvoiceLine, Payment, Reminder
from shop.billing.payments import reminders
from shop.billing.payments.services import record_payment
from shop.billing.tasks import remind
from tests import factories
from tests.billing import world
from tests.billing.test_parallel import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice() -> Invoice:
    """Return an issued invoice of 12,00 €, announced."""
    return issued()


def issued() -> Invoice:
    """Issue an invoice of 12,00 €."""
    world.seller()
    world.stock(illimite_france=2)
    world.ordered(world.customer(), illimite_france=2)
    world.opened()
    made = issuing.issue(world.only(), by=world.manager())
    assert made is not None
    OutboxMessage.objects.filter(delivered_at=None).delete()
    return made


def on_day(invoice: Invoice, late: int) -> list[str]:
    """Let the morning's task run that many days after the due date; return the new subjects."""
    day = (invoice.due_on or dt.date.min) + dt.timedelta(days=late)
    before = len(mail.outbox)
    with time_machine.travel(dt.datetime.combine(day, dt.time(9), tzinfo=world.PARIS), tick=False):
        remind()
        world.drain()
    return [message.subject.replace("\u00a0", " ") for message in mail.outbox[before:]]


def pay(invoice: Invoice, amount: str) -> None:
    """Record a payment."""
    record_payment(
        by=world.manager(),
        invoice=invoice.uuid,
        amount=Decimal(amount),
        received_on=factories.today(),
        method=Payment.Method.TRANSFER,
        key=uuid.uuid4(),
    )


def test_the_three_reminders_leave_on_their_days_and_once(invoice: Invoice) -> None:
    first = [f"Rappel : facture {invoice.number} à régler"]
    last = [f"Dernier rappel : facture {invoice.number} à régler"]
    sent = {late: on_day(invoice, late) for late in (0, 14, 15, 16, 29, 30, 31, 44, 45, 46, 90)}
    assert {late: subjects for late, subjects in sent.items() if subjects} == {
        15: first,
        30: first,
        45: last,
    }
    assert list(Reminder.objects.values_list("step", flat=True)) == [15, 30, 45]


def test_after_a_pause_only_the_newest_step_leaves(invoice: Invoice) -> None:
    assert len(on_day(invoice, 47)) == 1
    assert list(Reminder.objects.values_list("step", flat=True)) == [45]
    assert on_day(invoice, 48) == []


def test_a_second_run_and_a_second_delivery_send_nothing_more(invoice: Invoice) -> None:
    assert len(on_day(invoice, 15)) == 1
    assert on_day(invoice, 15) == []
    OutboxMessage.objects.filter(topic=reminders.TOPIC).update(delivered_at=None)
    assert on_day(invoice, 16) == []
    assert Reminder.objects.count() == 1


def test_a_run_that_died_before_its_commit_is_made_up_for(invoice: Invoice) -> None:
    day = (invoice.due_on or dt.date.min) + dt.timedelta(days=15)
    with time_machine.travel(dt.datetime.combine(day, dt.time(9), tzinfo=world.PARIS), tick=False):
        assert reminders.remind() == 1
    # The message is lost with nothing delivered: it still waits, and leaves once.
    assert OutboxMessage.objects.filter(topic=reminders.TOPIC, delivered_at=None).count() == 1
    assert len(on_day(invoice, 16)) == 1


def test_it_goes_to_the_lead_with_the_settings_text_and_a_link(invoice: Invoice) -> None:
    facts = BillingSettings.load()
    facts.reminder_15 = "Merci de <b>penser</b> à nous."
    facts.save()
    on_day(invoice, 15)
    message = mail.outbox[-1]
    lead = Membership.objects.get(structure=invoice.structure, is_structure_lead=True)
    assert message.to == [lead.user.email]
    text = str(message.body)
    assert "Merci de <b>penser</b> à nous." in text
    assert f"/mon-compte/factures/{invoice.uuid}/" in text
    assert "€" not in text
    html = str(message.alternatives[0][0])  # type: ignore[attr-defined]
    assert "Merci de &lt;b&gt;penser&lt;/b&gt; à nous." in html


def test_a_partial_payment_says_what_remains(invoice: Invoice) -> None:
    pay(invoice, "5.00")
    on_day(invoice, 15)
    text = str(mail.outbox[-1].body).replace("\u00a0", " ")
    assert "Merci pour votre paiement partiel : il reste 7,00 € à régler." in text


def test_what_is_paid_is_not_reminded_of(invoice: Invoice) -> None:
    pay(invoice, "12.00")
    assert on_day(invoice, 15) == []
    assert Reminder.objects.count() == 0


def test_what_is_credited_wholly_is_not_reminded_of(invoice: Invoice) -> None:
    line = InvoiceLine.objects.get(invoice=invoice)
    note = credits.draft_credit_note(
        by=world.manager(),
        invoice=invoice.uuid,
        quantities={line.pk: 2},
        reason="Geste",
        key=uuid.uuid4(),
    )
    issuing.issue(note, by=world.manager())
    OutboxMessage.objects.filter(delivered_at=None).delete()
    assert on_day(invoice, 15) == []


def test_what_was_paid_before_the_message_left_is_not_sent(invoice: Invoice) -> None:
    day = (invoice.due_on or dt.date.min) + dt.timedelta(days=15)
    with time_machine.travel(dt.datetime.combine(day, dt.time(9), tzinfo=world.PARIS), tick=False):
        reminders.remind()
        pay(invoice, "12.00")
        world.drain()
    assert mail.outbox == []
    assert Reminder.objects.get().sent_at is None


def test_an_empty_text_sends_no_reminder(invoice: Invoice) -> None:
    facts = BillingSettings.load()
    facts.reminder_15 = " "
    facts.save()
    assert on_day(invoice, 15) == []
    assert len(on_day(invoice, 30)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queued")
def test_two_runs_at_once_decide_once() -> None:
    due = issued().due_on or dt.date.min
    day = dt.datetime.combine(due + dt.timedelta(days=15), dt.time(9), tzinfo=world.PARIS)
    with time_machine.travel(day, tick=False):
        decided = at_once([reminders.remind] * 4)
    assert sorted(map(str, decided)) == ["0", "0", "0", "1"]
    assert Reminder.objects.count() == 1
    assert OutboxMessage.objects.filter(topic=reminders.TOPIC).count() == 1


def test_the_calendar_runs_it_each_day() -> None:
    tasks = [entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()]
    assert tasks.count(remind.name) == 1
