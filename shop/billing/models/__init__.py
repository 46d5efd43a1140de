"""Runs, invoices, credit notes, their numbers and documents, and what the seller says of itself."""

from shop.billing.models.buyers import BuyerTerms
from shop.billing.models.invoices import (
    CreditNote,
    Invoice,
    InvoiceDocument,
    InvoiceLine,
    InvoiceQuerySet,
)
from shop.billing.models.runs import BillingRun, NumberSeries
from shop.billing.models.settings import BillingSettings

__all__ = [
    "BillingRun",
    "BillingSettings",
    "BuyerTerms",
    "CreditNote",
    "Invoice",
    "InvoiceDocument",
    "InvoiceLine",
    "InvoiceQuerySet",
    "NumberSeries",
]
