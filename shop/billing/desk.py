"""What invoices tell of a structure's first steps, and to its lead on the dashboard."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Min
from django.urls import reverse

from portal.structures.desk import Panel, Task, register
from portal.structures.models import Membership
from portal.structures.steps import Fact, register_fact
from portal.ui.text import format_euros
from shop.billing.account import Owed, owed
from shop.billing.forecast import forecast
from shop.billing.models import Invoice


@register_fact(Fact.INVOICED)
def first_invoice(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when each structure first received an invoice."""
    rows = Invoice.objects.invoices().issued().filter(structure__in=structures)
    return dict(rows.order_by().values_list("structure").annotate(on=Min("issued_on")))


@register("billing")
def invoices(membership: Membership) -> Panel:
    """Show the lead what is to be paid and what the month costs so far. Two queries, or none."""
    if not membership.is_structure_lead:
        return Panel()
    due, month = owed(membership), forecast(membership.structure)
    if not (due.left or month.rows):
        return Panel()
    return Panel(
        title="Factures",
        template="billing/account/panel.html",
        context={"owed": due, "forecast": month},
        tasks=_tasks(due),
    )


def _tasks(due: Owed) -> list[Task]:
    if not due.late_count:
        return []
    words = "1 facture" if due.late_count == 1 else f"{due.late_count} factures"
    text = f"{words} en retard\u00a0: {format_euros(due.late)} à payer"
    return [Task(text, reverse("billing:invoices"))]
