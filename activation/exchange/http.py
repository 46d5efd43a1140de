"""The second way to SFR: its service, called once for each request, through the outbox."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from activation.models import ActivationRequest, Batch, Transmission
from activation.states import State
from portal.outbox.models import OutboxMessage
from portal.outbox.services import enqueue_each, handler

TRANSMIT_TOPIC = "activation.transmit"
#: Seconds from one call to the next: 10,000 requests take half an hour, of the day that there is.
PACE = 0.2


class HttpGateway:
    """Hands each request of a batch to SFR's service; its answers come to `callbacks`."""

    name = Batch.Gateway.HTTP

    def transmit(self, batch: Batch) -> None:
        """Write a message for each transmission, in the transaction that marks the requests."""
        keys = batch.transmissions.order_by("position").values_list("key", flat=True)
        enqueue_each(TRANSMIT_TOPIC, [{"transmission": str(key)} for key in keys], pace=PACE)


@handler(TRANSMIT_TOPIC)
@sensitive_variables()
def hand_over(message: OutboxMessage) -> None:
    """Hand one request to SFR's service, and note that it has it.

    Killed between the two, it is handed over again under the same key, which the service knows.
    One whose request has moved on meanwhile is of no use any more.

    Raises:
        PermanentFailure: the service will never take it (`activation.undelivered`).
        OSError: it could not be reached, or cannot now; the outbox tries again.
    """
    # Costs a tenth of a second, which a web process need not spend at its start.
    from portal.outbox import http  # noqa: PLC0415

    sent = Transmission.objects.select_related("request").get(key=message.payload["transmission"])
    if sent.accepted_at or sent.request.state != State.TRANSMITTED or is_replaced(sent):
        return
    http.post(
        settings.OPERATOR_HTTP_URL,
        content(sent),
        key=str(sent.key),
        token=settings.OPERATOR_HTTP_TOKEN,
        timeout=settings.OPERATOR_HTTP_TIMEOUT,
    )
    mark_accepted(sent)


def mark_accepted(sent: Transmission) -> None:
    """Note that SFR has a transmission; a second time changes nothing."""
    mine = Transmission.objects.filter(pk=sent.pk, accepted_at=None)
    mine.update(accepted_at=timezone.now())


def is_replaced(sent: Transmission) -> bool:
    """Whether the request, corrected, was transmitted once more."""
    return Transmission.objects.filter(request=sent.request_id, pk__gt=sent.pk).exists()


def content(sent: Transmission) -> dict[str, Any]:
    """Return what SFR's service gets: numbers in E.164, dates as in ISO 8601, "" for nothing."""
    request: ActivationRequest = sent.request
    return {
        "key": str(sent.key),
        "reference": request.reference,
        "iccid": request.iccid,
        "civility": request.civility,
        "last_name": request.last_name,
        "first_name": request.first_name,
        "birth_date": request.birth_date,
        "birth_department": request.birth_department,
        "birth_country": request.birth_country,
        "portability": request.portability,
        "current_number": request.current_number,
        "rio": request.rio,
        "contact_phone": request.contact_phone,
        "callback_url": settings.WAGTAILADMIN_BASE_URL + reverse("sfr_callback"),
    }
