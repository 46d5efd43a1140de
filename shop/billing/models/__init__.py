"""Runs, invoices, credit notes, their numbers and documents, and what the seller says of itself."""

from shop.billing.models.buyers import BuyerTerms
from shop.billing.models.deposits import ChorusDeposit, DepositedInvoice
from shop.billing.models.documents import InvoiceDocument
from shop.billing.models.invoices import (
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceQuerySet,
)
from shop.billing.models.payments import BankStatement, Payment, Reminder, StatementLine
from shop.billing.models.runs import BillingRun, NumberSeries
from shop.billing.models.settings import BillingSettings

__all__ = [
    "BankStatement",
    "BillingRun",
    "BillingSettings",
    "BuyerTerms",
    "ChorusDeposit",
    "CreditNote",
    "DepositedInvoice",
    "Invoice",
    "InvoiceDocument",
    "InvoiceLine",
    "InvoiceQuerySet",
    "NumberSeries",
    "Payment",
    "Reminder",
    "StatementLine",
]
