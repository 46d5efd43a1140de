"""What the tests of SFR's service stand on: a provider that fails as told, and batches for it."""

import datetime as dt
import uuid
from typing import Any

from django.utils import timezone

from activation.exchange import batches
from activation.exchange.http import TRANSMIT_TOPIC
from activation.models import ActivationRequest, Transmission
from activation.states import State
from portal.accounts.models import User
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from tests.activation import factories
from tests.support.standin import StandIn

SECRET = "a secret shared with SFR"
LINE = "+33755667788"


def environment(standin: StandIn, *, timeout: int = 1) -> dict[str, str]:
    """Return the variables that make SFR's service the way to SFR."""
    return {
        "OPERATOR_GATEWAY": "activation.exchange.http.HttpGateway",
        "OPERATOR_HTTP_URL": f"{standin.url}/activations",
        "OPERATOR_HTTP_TOKEN": "the-token",
        "OPERATOR_HTTP_TIMEOUT": str(timeout),
        "OPERATOR_CALLBACK_SECRET": SECRET,
    }


def settle(settings: Any, standin: StandIn) -> None:
    """Make the tests' own process speak to the provider."""
    standin.plan()
    for name, value in environment(standin).items():
        setattr(settings, name, value)
    settings.OPERATOR_HTTP_TIMEOUT = 1
    settings.OPERATOR_CALLBACK_SECRET = [SECRET]


def transmitted(*, by: User | None = None, **fields: Any) -> Transmission:
    """Return the transmission of one request, marked and waiting in the outbox."""
    by = by or factories.operator()
    request = factories.request(**fields)
    OutboxMessage.objects.filter(topic="accounts.invitation").delete()
    batch = batches.make(by=by, key=uuid.uuid4(), chosen=[request.uuid]).batch
    return batch.transmissions.get()


def relay() -> OutboxMessage:
    """Try what waits for SFR once, whenever it is due, and return the last message."""
    waiting = OutboxMessage.objects.filter(topic=TRANSMIT_TOPIC, delivered_at=None)
    waiting.update(due_at=timezone.now() - dt.timedelta(seconds=1))
    deliver_due()
    return OutboxMessage.objects.filter(topic=TRANSMIT_TOPIC).latest("pk")


def state(sent: Transmission) -> State:
    """Return where the request stands now."""
    return State(ActivationRequest.objects.values_list("state", flat=True).get(pk=sent.request_id))


def accepted(sent: Transmission) -> bool:
    """Return whether SFR has the transmission."""
    return Transmission.objects.filter(pk=sent.pk, accepted_at__isnull=False).exists()
