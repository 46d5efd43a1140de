"""The nightly count: quiet where invoices and orders agree; a log error and an e-mail if not."""

import datetime as dt
from collections import Counter

import structlog

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.services import enqueue
from shop.billing.figures.reconcile import gaps

log = structlog.get_logger("espace.billing")
TOPIC = "billing.books_disagree"


def count_again(*, night: dt.date) -> dict[str, int]:
    """Count everything again; tell each administrator, once a night, which rules are broken.

    Args:
        night: the day of this count.

    Returns:
        How many gaps each broken rule has; nothing where the books agree.
    """
    found = dict(Counter(gap.rule for gap in gaps()))
    if not found:
        log.info("billing.reconciled")
        return found
    log.error("billing.books_disagree", **found)
    for user in User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR):
        enqueue(TOPIC, {"user": str(user.uuid), "night": night.isoformat(), "gaps": found})
    return found
