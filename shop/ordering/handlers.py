"""What the outbox delivers for orders."""

import datetime as dt

from portal.accounts.models import User
from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from shop.ordering.reconcile import RULES


@handler("ordering.books_disagree")
def send_alarm(message: OutboxMessage) -> None:
    """Tell an administrator which rules are broken; a second count of that night adds nothing."""
    user = User.objects.filter(uuid=message.payload["user"], is_active=True).first()
    if user is None:
        return
    night, found = message.payload["night"], message.payload["gaps"]
    send_email(
        key=f"books-{night}-{user.uuid}",
        to=user.email,
        template="ordering/books_disagree",
        context={
            "night": dt.date.fromisoformat(night),
            "rules": [
                {"says": rule.says, "gaps": found[name]}
                for name, rule in RULES.items()
                if name in found
            ],
        },
    )
