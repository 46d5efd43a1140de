"""What invoices tell of a structure's first steps."""

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Min

from portal.structures.steps import Fact, register_fact
from shop.billing.models import Invoice


@register_fact(Fact.INVOICED)
def first_invoice(structures: Collection[int]) -> Mapping[int, dt.date]:
    """Tell when each structure first received an invoice."""
    rows = Invoice.objects.invoices().issued().filter(structure__in=structures)
    return dict(rows.order_by().values_list("structure").annotate(on=Min("issued_on")))
