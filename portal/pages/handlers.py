"""E-mails about what editors wrote."""

from django.conf import settings
from django.urls import reverse

from portal.accounts.models import User
from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.pages.watch import review

#: Titles in one e-mail; the report has the others.
LISTED = 30


@handler("pages.review_due")
def send_review_list(message: OutboxMessage) -> None:
    """Send the list of what must be read again, as it is when the e-mail leaves."""
    reader = User.objects.filter(uuid=message.payload["user"], is_active=True).first()
    rows = review.due()
    number = rows.count()
    if reader is None or not number:
        return
    send_email(
        key=str(message.uuid),
        to=reader.email,
        template="pages/review_due",
        context={
            "person": reader,
            "number": number,
            "rows": review.shown(list(rows[:LISTED])),
            "url": f"{settings.WAGTAILADMIN_BASE_URL}{reverse('watch:reviews')}",
        },
    )
