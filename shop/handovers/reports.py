"""The monthly cash report: what was collected, by payer, by product and by day."""

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum

from portal.sheets.writing import Cell
from portal.structures.models import Membership
from shop.handovers import months
from shop.handovers.models import HandOver, HandOverQuerySet

Payer = HandOver.Payer
HEADER = ("Date", "Produit", "Référence", "Payé par", "Montant (€)", "Commande")


@dataclass
class Totals:
    """Hand-overs of one kind: how many, and euros by payer."""

    units: int = 0
    free: int = 0
    beneficiary: Decimal = Decimal("0.00")
    structure: Decimal = Decimal("0.00")

    @property
    def paid(self) -> int:
        """Units that somebody paid for."""
        return self.units - self.free

    @property
    def amount(self) -> Decimal:
        """Euros in all."""
        return self.beneficiary + self.structure

    def add(self, payer: str, units: int, amount: Decimal) -> None:
        """Add the hand-overs of a payer."""
        self.units += units
        if payer == Payer.BENEFICIARY:
            self.beneficiary += amount
        elif payer == Payer.STRUCTURE:
            self.structure += amount
        else:
            self.free += units


@dataclass
class Report:
    """A month of a structure; ``days`` holds those with hand-overs."""

    month: dt.date
    total: Totals = field(default_factory=Totals)
    products: dict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))
    days: dict[dt.date, Totals] = field(default_factory=lambda: defaultdict(Totals))

    @property
    def last_day(self) -> int:
        """How many days the month has."""
        return calendar.monthrange(self.month.year, self.month.month)[1]

    @property
    def units_label(self) -> str:
        """What the number of hand-overs counts, and how many of them were free."""
        many = "s" if self.total.units > 1 else ""
        free = f"{self.total.free} gratuite{'s' if self.total.free > 1 else ''}"
        return f"recharge{many} remise{many}, dont {free}"

    @property
    def highest(self) -> Decimal:
        """Euros of the best day."""
        return max((day.amount for day in self.days.values()), default=Decimal("0.00"))


def monthly(by: Membership, month: dt.date) -> Report:
    """Sum a month up in one query.

    Args:
        by: a member of the structure.
        month: its first day.
    """
    report = Report(month)
    sums = (
        of_month(by, month)
        .order_by("handed_on", "code__product__title")
        .values_list("handed_on", "code__product__title", "paid_by")
        .annotate(units=Count("pk"), euros=Sum("amount"))
    )
    for day, product, payer, units, euros in sums:
        for totals in (report.total, report.products[product], report.days[day]):
            totals.add(payer, units, euros)
    # Templates look « items » up as a key first, which a defaultdict would invent.
    report.products, report.days = dict(report.products), dict(report.days)
    return report


def of_month(by: Membership, month: dt.date) -> HandOverQuerySet:
    """Return the structure's hand-overs of a month."""
    return HandOver.objects.visible_to(by).filter(
        handed_on__gte=month, handed_on__lt=months.following(month)
    )


def rows(by: Membership, month: dt.date) -> Iterator[tuple[Cell, ...]]:
    """Yield the lines of the export under `HEADER`, the references in clear."""
    found = (
        of_month(by, month)
        .select_related("code__product", "code__order_line__order")
        .defer("code__secret")
        .order_by("handed_on", "pk")
    )
    for row in found:
        line = row.code.order_line
        yield (
            row.handed_on,
            row.code.product.title,
            row.reference,
            row.get_paid_by_display(),
            row.amount,
            line.order.number if line else "",
        )
