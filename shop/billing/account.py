"""What MON COMPTE shows of a structure's invoices: what is owed, why there is none, the detail."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from portal.sheets.writing import Cell
from portal.structures.models import Membership
from shop.billing.balances import Situation
from shop.billing.models import Invoice, InvoiceDocument, InvoiceLine
from shop.ordering.models import PlacedOrder

HEADER = (
    *("Document", "Commande", "Date", "Membre", "Produit", "Référence"),
    *("Quantité", "Prix unitaire (€)", "Total (€)", "Gratuit"),
)
_NONE_YET = "Pas encore de facture\u00a0: "


@dataclass(frozen=True)
class Owed:
    """What a structure has to pay.

    Attributes:
        left: euros, of all its invoices.
        late: euros of those, past their due date.
        late_count: invoices past their due date.
    """

    left: Decimal
    late: Decimal
    late_count: int


def mine(member: Membership) -> QuerySet[Any]:
    """Return the invoices and credit notes that a member reads: balances, ``is_drawn``."""
    drawn = InvoiceDocument.objects.filter(invoice=OuterRef("pk"))
    found = Invoice.objects.visible_to(member).select_related("corrects")
    return found.annotate(is_drawn=Exists(drawn)).with_balance()


def years(member: Membership) -> list[int]:
    """Return the years in which something was issued, the newest first."""
    found = Invoice.objects.visible_to(member).order_by("-year").values_list("year", flat=True)
    return [year for year in found.distinct() if year]


def owed(member: Membership) -> Owed:
    """Return what the member's structure has to pay, in one query; nothing to who may not know."""
    late = Q(situation=Situation.LATE)
    sums = (
        Invoice.objects.visible_to(member)
        .invoices()
        .with_balance()
        .aggregate(
            to_pay=Sum("left", default=Decimal("0.00")),
            past=Sum("left", filter=late, default=Decimal("0.00")),
            count=Count("pk", filter=late),
        )
    )
    return Owed(left=sums["to_pay"], late=sums["past"], late_count=sums["count"])


def why_none(member: Membership) -> str:
    """Return the sentence that says why a structure has no invoice yet."""
    orders = PlacedOrder.objects.filter(structure=member.structure_id, cancelled_at=None)
    if orders.filter(order__lines__line_price_incl_tax__gt=0).exists():
        return (
            f"{_NONE_YET}les recharges payantes d’un mois sont facturées au début du mois suivant."
        )
    if orders.exists():
        return f"{_NONE_YET}vous n’avez commandé que des recharges gratuites."
    return f"{_NONE_YET}vous n’avez encore rien commandé."


def lines_of(invoice: Invoice) -> QuerySet[InvoiceLine, Any]:
    """Return the lines of an invoice, each with ``order_uuid``, the public key of its order."""
    lines = InvoiceLine.objects.filter(invoice=invoice).order_by("position")
    return lines.annotate(order_uuid=F("order_line__order__placed__uuid"))


def rows(invoice: Invoice) -> Iterator[tuple[Cell, ...]]:
    """Yield the detail under `HEADER`; a credit note's units and totals are negative.

    So the files of a year, one below the other, add up to what the structure owes.
    """
    sign = -1 if invoice.is_credit_note else 1
    for line in InvoiceLine.objects.filter(invoice=invoice).order_by("position"):
        yield (
            str(invoice),
            line.order_number,
            line.ordered_on,
            line.member,
            line.title,
            line.upc,
            sign * line.quantity,
            line.unit_price,
            sign * line.total,
            "oui" if line.is_free else "non",
        )


def file_name(invoice: Invoice) -> str:
    """Return ``facture_2026-000123``, without extension."""
    return f"{'avoir' if invoice.is_credit_note else 'facture'}_{invoice.number}"
