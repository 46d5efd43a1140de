"""What the outbox does for billing: batches of drafts, one issuing a message, announcements."""

from portal.accounts.models import User
from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import enqueue, handler
from portal.structures.agreements.mails import lead_of
from shop.billing import issuing, runs
from shop.billing.document.issued import keep
from shop.billing.figures.reconcile import BOOKS
from shop.billing.freezing import FactsMissing
from shop.billing.models import BillingRun, Invoice
from shop.billing.payments import reminders
from shop.handovers.months import named
from shop.ordering.alerts import send_alarm

ANNOUNCED_TOPIC = "billing.announced"


@handler(runs.TOPIC)
def prepare(message: OutboxMessage) -> None:
    """Write the drafts of a batch of structures."""
    run = BillingRun.objects.get(pk=message.payload["run"])
    runs.prepare(run, message.payload["structures"])


@handler(issuing.ISSUE_TOPIC)
def issue(message: OutboxMessage) -> None:
    """Issue one draft of a run; one that lacks a fact since stays, and its run stays open."""
    asked = message.payload
    by = User.objects.get(pk=asked["by"])
    try:
        issuing.issue_asked(asked["invoice"], by=by, rank=asked["rank"])
    except FactsMissing:
        issuing.log.warning("billing.not_issued", invoice=asked["invoice"])


@handler(issuing.ISSUED_TOPIC)
def draw(message: OutboxMessage) -> None:
    """Draw the document of what was issued, then have it announced: a link leads to something."""
    invoice = (
        Invoice.objects.issued().select_related("corrects").get(uuid=message.payload["invoice"])
    )
    keep(invoice)
    enqueue(ANNOUNCED_TOPIC, {"invoice": message.payload["invoice"]})


@handler(ANNOUNCED_TOPIC)
def announce(message: OutboxMessage) -> None:
    """Send the structure's référent a link to their invoice, never the invoice itself."""
    invoice = Invoice.objects.issued().get(uuid=message.payload["invoice"])
    lead = lead_of(invoice.structure)
    if lead is None:
        return
    send_email(
        key=f"invoice-{invoice.uuid}-{lead.uuid}",
        to=lead.email,
        template="billing/issued",
        context={
            "invoice": invoice,
            "corrected": invoice.corrects,
            "month": named(invoice.corrects.month if invoice.corrects else invoice.month),
        },
    )


@handler(reminders.TOPIC)
def remind(message: OutboxMessage) -> None:
    """Send one reminder of an invoice that is late."""
    reminders.send(message.payload["reminder"])


@handler("billing.books_disagree")
def tell_administrator(message: OutboxMessage) -> None:
    """Tell an administrator which rules of the bills are broken."""
    send_alarm("billing", message, BOOKS)
