"""The messages of a delivery, sent by the outbox: loaded late, by uuid."""

from django.urls import reverse

from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.structures.models import Membership
from shop.sims.models import Delivery
from shop.sims.services import ANNOUNCED, EMAIL_TOPIC


@handler(EMAIL_TOPIC)
def send_moved_email(message: OutboxMessage) -> None:
    """Tell the buyer that the cards left, or the structure's lead where the buyer is gone.

    The state is the one of now: cards that were received meanwhile need no message.
    """
    delivery = Delivery.objects.select_related("placed__order__user").get(
        uuid=message.payload["delivery"]
    )
    to = _recipient(delivery)
    if delivery.state not in ANNOUNCED or not to:
        return
    send_email(
        key=str(message.uuid),
        to=to,
        template="sims/delivery_moved",
        context={
            "number": delivery.placed.order.number,
            "code": delivery.state,
            "units": delivery.units,
            "tracking": delivery.tracking,
            "path": reverse("sims:cards"),
        },
    )


def _recipient(delivery: Delivery) -> str:
    members = Membership.objects.active().filter(
        structure=delivery.placed.structure_id, user__is_active=True
    )
    buyer = members.filter(user=delivery.placed.order.user_id)
    found = buyer.select_related("user").first() or (
        members.filter(is_structure_lead=True).select_related("user").first()
    )
    return found.user.email if found else ""
