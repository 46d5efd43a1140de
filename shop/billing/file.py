"""Invoices on a structure's page in the back office."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from portal.structures.file import FilePanel, register, register_acts
from portal.structures.models import Structure
from shop.billing.models import BuyerTerms, CreditNote, Invoice

NEWEST = 5
_SENTENCES = {
    "billing.issued": "Facture ou avoir émis",
    "billing.credit_drafted": "Avoir préparé",
    "billing.terms_changed": "Conditions de facturation modifiées",
}


@register("30-billing")
def invoices(structure: Structure) -> FilePanel:
    """Show how it is billed and its last invoices. Three queries."""
    mine = Invoice.objects.filter(structure=structure)
    counts = mine.order_by().aggregate(
        issued=Count("pk", filter=Q(state=Invoice.State.ISSUED)),
        drafts=Count("pk", filter=Q(state=Invoice.State.DRAFT)),
    )
    newest = list(mine.order_by("-month", "-pk")[:NEWEST])
    context: dict[str, Any] = {"invoices": newest, "terms": BuyerTerms.of(structure), **counts}
    return FilePanel("Facturation", "billing/backoffice/file.html", context)


@register_acts("billing", _SENTENCES)
def owned(structure: Structure) -> list[QuerySet[Any]]:
    """Return the structure's invoices and credit notes; its terms are acts on itself."""
    return [
        Invoice.objects.filter(structure=structure),
        CreditNote.objects.filter(structure=structure),
    ]
