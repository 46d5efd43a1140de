"""The messages of an activation, delivered by the outbox: loaded late, by uuid."""

from django.urls import reverse

from activation.messages import sms_text
from activation.models import ActivationRequest
from activation.moves import EMAIL_TOPIC, SMS_TOPIC
from activation.states import State
from portal.outbox.mail import send_email, send_sms
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler

ANNOUNCED = frozenset({State.ACTIVATED, State.TO_CORRECT, State.REFUSED, State.PORTING})


@handler(SMS_TOPIC)
def send_activated_sms(message: OutboxMessage) -> None:
    """Tell the beneficiary their line's number."""
    request = ActivationRequest.objects.get(uuid=message.payload["request"])
    if request.state == State.ACTIVATED:
        text = sms_text(request.line_number)
        to = request.contact_phone or request.line_number
        send_sms(key=str(message.uuid), to=to, text=text)


@handler(EMAIL_TOPIC)
def send_state_email(message: OutboxMessage) -> None:
    """Tell the partner who asked where their request stands, without the beneficiary's data.

    The state is the one of now: a request that moved on since says nothing outdated.
    """
    request = (
        ActivationRequest.objects.without_personal_data()
        .select_related("created_by")
        .get(uuid=message.payload["request"])
    )
    if request.state not in ANNOUNCED or not request.created_by.is_active:
        return
    send_email(
        key=str(message.uuid),
        to=request.created_by.email,
        template="activation/state_changed",
        context={
            "reference": request.reference,
            "state": request.get_state_display(),
            "code": request.state,
            "path": reverse("activation:detail", args=[request.uuid]),
        },
    )
