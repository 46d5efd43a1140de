"""The messages of training, sent by the outbox: loaded late, true to the moment they leave."""

from django.conf import settings
from django.urls import reverse

from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.training import calendar, links
from portal.training.models import Registration, TrainingSession

_State = Registration.State


@handler("training.confirm")
def send_confirm(message: OutboxMessage) -> None:
    """Ask a visitor to confirm: only the owner of the address gets the link."""
    one = _registration(message)
    if one and one.state == _State.PENDING and _will_be(one):
        _send(message, one, "confirm", invitation=False)


@handler("training.registered")
def send_registered(message: OutboxMessage) -> None:
    """Confirm a seat with its calendar file, or a place on the waiting list."""
    one = _registration(message)
    if one and one.state in Registration.LIVE and _will_be(one):
        _send(message, one, "registered", invitation=one.state == _State.REGISTERED)


@handler("training.promoted")
def send_promoted(message: OutboxMessage) -> None:
    """Tell somebody who waited that they have a seat."""
    one = _registration(message)
    if one and one.state == _State.REGISTERED and _will_be(one):
        _send(message, one, "promoted")


@handler("training.left")
def send_left(message: OutboxMessage) -> None:
    """Confirm that a seat was given back: the calendar forgets it."""
    one = _registration(message)
    if one and one.state == _State.CANCELLED:
        _send(message, one, "left")


@handler("training.changed")
def send_changed(message: OutboxMessage) -> None:
    """Tell what is new; the calendar moves what it has."""
    one = _registration(message)
    if one and one.state in Registration.LIVE and _will_be(one):
        _send(message, one, "changed", invitation=one.state == _State.REGISTERED)


@handler("training.cancelled")
def send_cancelled(message: OutboxMessage) -> None:
    """Tell that the session will not take place, and why."""
    one = _registration(message)
    if one and one.state in Registration.LIVE:
        _send(message, one, "cancelled", invitation=one.state == _State.REGISTERED)


@handler("training.reminder")
def send_reminder(message: OutboxMessage) -> None:
    """Remind somebody of a session that is near."""
    one = _registration(message)
    if one and one.state == _State.REGISTERED and _will_be(one) and not one.session.has_begun:
        _send(message, one, "reminder", invitation=False)


def _registration(message: OutboxMessage) -> Registration | None:
    """Return whom it is about; none where a visitor never confirmed and was forgotten."""
    rows = Registration.objects.select_related("session", "user")
    return rows.filter(uuid=message.payload["registration"]).first()


def _will_be(one: Registration) -> bool:
    return one.session.state == TrainingSession.State.PLANNED


def _send(
    message: OutboxMessage, one: Registration, template: str, *, invitation: bool = True
) -> None:
    """Send one e-mail, unless its reader is gone."""
    if not one.address or (one.user and not one.user.is_active):
        return
    path = reverse("training:index") if one.user else links.page(one)
    send_email(
        key=str(message.uuid),
        to=one.address,
        template=f"training/{template}",
        context={
            "registration": one,
            "session": one.session,
            "first_name": one.user.first_name if one.user else one.name,
            "seated": one.state == _State.REGISTERED,
            "url": f"{settings.WAGTAILADMIN_BASE_URL}{path}",
        },
        attachments=[calendar.attach(one)] if invitation else [],
    )
