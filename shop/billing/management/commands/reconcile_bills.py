"""``manage.py reconcile_bills``: count invoices against orders; 1 where two figures disagree."""

from shop.billing.figures.reconcile import BOOKS, check
from shop.ordering.management.commands import reconcile_codes


class Command(reconcile_codes.Command):
    help = "Check that invoices, credit notes and orders agree to the cent; print what does not."
    rules = BOOKS
    count = staticmethod(check)
