"""Messages that reached nobody become tasks: an operator tells the person, or SFR, otherwise."""

from activation.exchange.http import TRANSMIT_TOPIC
from activation.models import ActivationRequest, MessageTask
from activation.moves import EMAIL_TOPIC, SMS_TOPIC
from portal.outbox.models import OutboxMessage
from portal.outbox.services import undeliverable

_CHANNELS = {
    SMS_TOPIC: MessageTask.Channel.SMS,
    EMAIL_TOPIC: MessageTask.Channel.EMAIL,
    TRANSMIT_TOPIC: MessageTask.Channel.TRANSMISSION,
}


@undeliverable(SMS_TOPIC)
@undeliverable(EMAIL_TOPIC)
@undeliverable(TRANSMIT_TOPIC)
def follow(message: OutboxMessage) -> None:
    """Open a task for a message that was given up, and take it back where nothing is to be done.

    Sent again, the message has all its attempts before it: the task waits for nobody, unless they
    fail too. What an operator has done and noted stays.
    """
    if message.dead_at is None:
        MessageTask.objects.filter(message=message.uuid, done_at=None).delete()
        return
    request = _request(message)
    if request is not None:
        MessageTask.objects.update_or_create(
            message=message.uuid,
            defaults={"done_at": None, "done_by": None},
            create_defaults={"request": request, "channel": _CHANNELS[message.topic]},
        )


def _request(message: OutboxMessage) -> ActivationRequest | None:
    """Return the request that a message is about, its personal data left in the database."""
    rows = ActivationRequest.objects.without_personal_data()
    if message.topic == TRANSMIT_TOPIC:
        return rows.filter(transmissions__key=message.payload["transmission"]).first()
    return rows.filter(uuid=message.payload["request"]).first()
