"""``{% load account_billing %}``: where an invoice stands, and the invoice of an order."""

from typing import Any

from django import template

from portal.ui.text import format_euros
from shop.billing.balances import Situation
from shop.billing.models import Invoice

register = template.Library()

_BADGES = {
    Situation.TO_PAY: ("warning", "clock"),
    Situation.PAID: ("success", "check-circle"),
    Situation.LATE: ("danger", "exclamation-triangle"),
}


@register.inclusion_tag("components/badge.html")
def situation_badge(invoice: Any) -> dict[str, str]:
    """``{% situation_badge invoice %}``: its state in a word, an icon and a colour.

    Args:
        invoice: of a queryset ``with_balance()``; a credit note is called so.
    """
    if not invoice.situation:
        return {"text": "Avoir", "icon_name": "receipt-refund"}
    situation = Situation(invoice.situation)
    kind, icon_name = _BADGES[situation]
    return {"kind": kind, "text": str(situation.label), "icon_name": icon_name}


@register.filter
def balance_note(invoice: Any) -> str:
    """``{{ invoice|balance_note }}``: what the one word does not say; empty where it says all."""
    if invoice.left and invoice.paid:
        return f"payée en partie\u00a0: reste {format_euros(invoice.left)}"
    if invoice.credited and not invoice.paid and not invoice.left:
        return "soldée par un avoir"
    return ""


@register.simple_tag(takes_context=True)
def invoices_of(context: template.Context, placed: Any) -> list[Invoice]:
    """``{% invoices_of placed as found %}``: those of an order, to the lead; one query."""
    member = getattr(context.get("request"), "membership", None)
    if member is None:
        return []
    found = Invoice.objects.visible_to(member).filter(lines__order_line__order=placed.order_id)
    return list(found.order_by("year", "rank").distinct())
