"""The messages of an activation, delivered by the outbox: loaded late, by uuid."""

from activation import undelivered  # noqa: F401  (it watches these topics, and SFR's)
from activation.messages import email_context, sms_text
from activation.models import ActivationRequest, EmailText
from activation.moves import EMAIL_TOPIC, SMS_TOPIC
from activation.states import State
from activation.texts.emails import TEMPLATE
from portal.outbox.mail import send_email, send_sms
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler


@handler(SMS_TOPIC)
def send_activated_sms(message: OutboxMessage) -> None:
    """Tell the beneficiary their line's number, in the language that the form asked for."""
    request = ActivationRequest.objects.get(uuid=message.payload["request"])
    # Anonymised meanwhile: nobody is left to tell.
    if request.state == State.ACTIVATED and request.line_number:
        text = sms_text(request.line_number, request.language)
        to = request.contact_phone or request.line_number
        send_sms(key=str(message.uuid), to=to, text=text)


@handler(EMAIL_TOPIC)
def send_state_email(message: OutboxMessage) -> None:
    """Tell the partner who asked where their request stands, without the beneficiary's data.

    The state is the one of now: a request that moved on since says nothing outdated.
    """
    request = (
        ActivationRequest.objects.without_personal_data()
        .select_related("created_by", "structure")
        .get(uuid=message.payload["request"])
    )
    if request.state not in EmailText.Moment.values or not request.created_by.is_active:
        return
    send_email(
        key=str(message.uuid),
        to=request.created_by.email,
        template=TEMPLATE,
        context=email_context(request),
    )
