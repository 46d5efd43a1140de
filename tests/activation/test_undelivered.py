"""A message that reaches nobody becomes an operator's task, once."""

import pytest
from django.utils import timezone

from activation.models import MessageTask
from activation.moves import EMAIL_TOPIC, SMS_TOPIC
from activation.states import State
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.outbox.reports import record_report
from portal.outbox.services import BACKOFF, deliver_due, give_up, resend
from tests.activation import factories

pytestmark = pytest.mark.django_db
REFUSING = "tests.faults.providers.RefusingSms"


@pytest.mark.parametrize(("topic", "channel"), [(SMS_TOPIC, "sms"), (EMAIL_TOPIC, "email")])
def test_a_message_given_up_opens_one_task_and_sent_again_takes_it_back(
    topic: str, channel: str
) -> None:
    row = factories.request(State.ACTIVATED)
    message = OutboxMessage.objects.get(topic=topic)

    for _ in range(2):
        give_up(message)
        message.save()

    task = MessageTask.objects.get()
    assert (task.request, task.channel, task.message) == (row, channel, message.uuid)
    resend(message)
    assert not MessageTask.objects.exists()


def test_an_sms_that_the_provider_never_takes_becomes_a_task_after_the_last_attempt(
    settings: object,
) -> None:
    settings.SMS_BACKEND = REFUSING  # type: ignore[attr-defined]
    factories.request(State.ACTIVATED)
    tasks = []

    for _ in range(len(BACKOFF) + 1):
        OutboxMessage.objects.filter(dead_at=None).update(due_at=timezone.now())
        deliver_due()
        tasks.append(MessageTask.objects.count())

    assert tasks == [0] * len(BACKOFF) + [1]


def test_an_sms_reported_as_failed_is_a_task_and_one_that_arrives_after_all_is_none() -> None:
    factories.request(State.ACTIVATED)
    deliver_due()
    key = JournalEntry.objects.get(channel="sms").key

    record_report(key, JournalEntry.Status.FAILED)
    assert [task.channel for task in MessageTask.objects.all()] == ["sms"]

    record_report(key, JournalEntry.Status.DELIVERED)
    assert not MessageTask.objects.exists()


def test_a_task_done_stays_done_and_is_open_again_when_the_message_fails_again() -> None:
    factories.request(State.ACTIVATED)
    message = OutboxMessage.objects.get(topic=SMS_TOPIC)
    give_up(message)
    message.save()
    task = MessageTask.objects.get()
    task.done_at, task.done_by, task.note = timezone.now(), factories.operator(), "Appelé"
    task.save()

    resend(message)
    assert MessageTask.objects.get().done_at is not None

    message.refresh_from_db()
    give_up(message)
    task.refresh_from_db()
    assert (task.done_at, task.done_by, task.note) == (None, None, "Appelé")
