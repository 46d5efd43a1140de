"""What the outbox delivers for recharges: never a number, always a link to its page."""

from django.urls import reverse

from portal.accounts.models import User
from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from shop.recharges.models import FaultyReport
from shop.recharges.stock import figures


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


@handler("recharges.stock_low")
def send_stock_alert(message: OutboxMessage) -> None:
    """Tell a référent which products fell under their threshold, by the figures of the moment."""
    user = User.objects.filter(uuid=message.payload["user"], is_active=True).first()
    products = [one for one in figures() if one.terms.pk in message.payload["products"]]
    if user is None or not products:
        return
    send_email(
        key=str(message.uuid),
        to=user.email,
        template="shop/stock_low",
        context={"products": products, "path": reverse("stock:index")},
    )
