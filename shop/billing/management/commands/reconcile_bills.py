"""``manage.py reconcile_bills``: count invoices against orders; 1 where two figures disagree."""

import sys
from typing import Any

from shop.billing.figures.reconcile import BOOKS as RULES
from shop.billing.figures.reconcile import check
from shop.ordering.management.commands import reconcile_codes


class Command(reconcile_codes.Command):
    help = "Check that invoices, credit notes and orders agree to the cent; print what does not."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each rule, and under it the figures that disagree."""
        found = {name: check(name) for name in RULES}
        for name, gaps in found.items():
            self.stdout.write(f"{'ÉCART' if gaps else 'ok':<6}{name:<14}{RULES[name].says}")
            self._table(gaps)
        if any(found.values()):
            sys.exit(1)
