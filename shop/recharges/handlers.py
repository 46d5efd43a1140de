"""What the outbox delivers for recharges: never a number, always a link to its page."""

from django.urls import reverse

from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from shop.recharges.models import FaultyReport


@handler("recharges.report_decided")
def send_decision(message: OutboxMessage) -> None:
    """Tell who reported a number what a référent decided."""
    report = (
        FaultyReport.objects.select_related("reported_by", "code__product")
        .filter(uuid=message.payload["report"])
        .first()
    )
    if report is None or not report.reported_by.is_active:
        return
    send_email(
        key=str(message.uuid),
        to=report.reported_by.email,
        template="shop/report_decided",
        context={
            "product": report.code.product.title,
            "replaced": report.state == FaultyReport.State.REPLACED,
            "decision": report.decision,
            "path": reverse("shop:codes"),
        },
    )
