"""The nightly counts: quiet where books agree; a log error and an e-mail where they do not."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

import structlog

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import enqueue
from shop.ordering.reconcile import Gap, Rule, gaps


def count_again(*, night: dt.date) -> dict[str, int]:
    """Count orders and codes again; see `alarm`."""
    return alarm("ordering", gaps(), night=night)


def alarm(books: str, found: Iterable[Gap], *, night: dt.date) -> dict[str, int]:
    """Tell each administrator, once a night, which rules are broken.

    Args:
        books: which ones: they name the log, the topic of the outbox and the e-mail's template.
        found: what disagrees.
        night: the day of this count.

    Returns:
        How many gaps each broken rule has; nothing where the books agree.
    """
    log = structlog.get_logger(f"espace.{books}")
    counted = dict(Counter(gap.rule for gap in found))
    if not counted:
        log.info(f"{books}.reconciled")
        return counted
    log.error(f"{books}.books_disagree", **counted)
    for user in User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR):
        enqueue(
            f"{books}.books_disagree",
            {"user": str(user.uuid), "night": night.isoformat(), "gaps": counted},
        )
    return counted


def send_alarm(books: str, message: OutboxMessage, rules: Mapping[str, Rule]) -> None:
    """Send an administrator's e-mail; a second count of that night adds nothing.

    Args:
        books: as `alarm` has it.
        message: one of its messages.
        rules: by name, with the sentence of each.
    """
    user = User.objects.filter(uuid=message.payload["user"], is_active=True).first()
    if user is None:
        return
    night, found = message.payload["night"], message.payload["gaps"]
    send_email(
        key=f"{books}-{night}-{user.uuid}",
        to=user.email,
        template=f"{books}/books_disagree",
        context={
            "night": dt.date.fromisoformat(night),
            "rules": [
                {"says": rule.says, "gaps": found[name]}
                for name, rule in rules.items()
                if name in found
            ],
        },
    )
