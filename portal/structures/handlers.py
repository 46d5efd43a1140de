"""What the outbox delivers for structures."""

from django.conf import settings

from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.structures.models import Membership


@handler("structures.member_added")
def send_member_added(message: OutboxMessage) -> None:
    """Tell somebody who has a login that a structure was opened to them, if it still is."""
    membership = (
        Membership.objects.active()
        .filter(
            user__uuid=message.payload["user"],
            user__is_active=True,
            structure__uuid=message.payload["structure"],
        )
        .select_related("user", "structure")
        .first()
    )
    if membership is None:
        return
    send_email(
        key=str(message.uuid),
        to=membership.user.email,
        template="structures/member_added",
        context={
            "person": membership.user,
            "structure": membership.structure,
            "url": f"{settings.WAGTAILADMIN_BASE_URL}/mon-compte/",
        },
    )
