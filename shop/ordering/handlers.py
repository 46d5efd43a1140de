"""What the outbox delivers for orders."""

from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from shop.ordering.alerts import send_alarm
from shop.ordering.reconcile import RULES


@handler("ordering.books_disagree")
def tell_administrator(message: OutboxMessage) -> None:
    """Tell an administrator which rules of the orders are broken."""
    send_alarm("ordering", message, RULES)
