"""What the outbox delivers for the portfolio."""

import re

from django.conf import settings

from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.portfolio.models import BulkMessage
from portal.structures.models import Membership


@handler("portfolio.message")
def send_message(message: OutboxMessage) -> None:
    """Write to who leads the structure now; nobody, no message."""
    membership = (
        Membership.objects.active()
        .filter(
            structure__uuid=message.payload["structure"],
            is_structure_lead=True,
            user__is_active=True,
        )
        .select_related("user", "structure")
        .first()
    )
    if membership is None:
        return
    written = BulkMessage.objects.select_related("by").get(uuid=message.payload["message"])
    send_email(
        key=str(message.uuid),
        to=membership.user.email,
        template="portfolio/message",
        context={
            "person": membership.user,
            "structure": membership.structure,
            "subject": written.subject,
            "text": written.text,
            "paragraphs": [part for part in re.split(r"\n\s*\n", written.text) if part.strip()],
            "by": written.by,
            "url": f"{settings.WAGTAILADMIN_BASE_URL}/mon-compte/",
        },
    )
