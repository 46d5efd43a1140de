"""``manage.py reconcile_codes``: count everything again; 1 where two figures disagree."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from shop.ordering.reconcile import RULES, Gap, check

MOST = 20  # gaps printed of each rule


class Command(BaseCommand):
    help = "Check that codes, orders, quotas and bills agree; print what does not, and exit with 1."

    rules = RULES
    count = staticmethod(check)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each rule, and under it the figures that disagree."""
        found = {name: self.count(name) for name in self.rules}
        for name, gaps in found.items():
            self.stdout.write(f"{'ÉCART' if gaps else 'ok':<6}{name:<14}{self.rules[name].says}")
            self._table(gaps)
        if any(found.values()):
            sys.exit(1)

    def _table(self, gaps: list[Gap]) -> None:
        rows = [("", "attendu", "trouvé")] if gaps else []
        rows += [(gap.subject, gap.expected, gap.found) for gap in gaps[:MOST]]
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            self.stdout.write(("      " + "  ".join(cells)).rstrip())
        if len(gaps) > MOST:
            self.stdout.write(f"      … et {len(gaps) - MOST} autres")
