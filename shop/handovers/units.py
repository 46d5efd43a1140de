"""Which unit of an order line a hand-over uses: one that a free quota paid for, or a paid one.

The codes of a line are worth the same. The line says how many were free, by quota, and how many
were paid; a hand-over takes one of them, so that the carnet never gives more free units than the
order had, nor more paid ones.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count

from portal.ui.text import format_euros
from shop.handovers.limits import Person, check_quota
from shop.handovers.models import HandOver
from shop.handovers.references import HandOverRefused
from shop.quotas.models import FreeQuota, QuotaUse

Payer = HandOver.Payer


class AmountRefused(HandOverRefused):
    """The amount does not fit the unit."""

    default_code = "amount_refused"
    field = "amount"


class PayerRefused(HandOverRefused):
    """Nobody, or somebody, pays for the units that are left of the line."""

    default_code = "payer_refused"
    field = "paid_by"


@dataclass(frozen=True)
class Units:
    """What a line holds that no hand-over has used.

    Attributes:
        price: of one paid unit, in euros.
        free: the line's quotas, the first to end first, each with its units left.
        paid: units left at that price.
        title: the product's.
    """

    price: Decimal
    free: tuple[tuple[FreeQuota, int], ...]
    paid: int
    title: str

    @property
    def free_left(self) -> int:
        """Units left that cost nothing."""
        return sum(left for _, left in self.free)

    @property
    def payers(self) -> list[Payer]:
        """Who may pay for a unit that is left."""
        somebody = [Payer.BENEFICIARY, Payer.STRUCTURE] if self.paid > 0 and self.price else []
        nobody = [Payer.NOBODY] if self.free_left or (self.paid > 0 and not self.price) else []
        return [*nobody, *somebody]


def units_of(line: Any, *, without: HandOver | None = None) -> Units:
    """Count what is left of an order line.

    Args:
        line: Oscar's order line.
        without: a hand-over that is being corrected: its unit counts as left.
    """
    noted = HandOver.objects.filter(code__order_line=line)
    if without is not None:
        noted = noted.exclude(pk=without.pk)
    used = dict(noted.order_by().values_list("quota").annotate(units=Count("pk")))
    uses = QuotaUse.objects.filter(order_line=line, returned_at=None).select_related("quota")
    drawn = sorted(uses, key=lambda use: (use.quota.ends_on, use.quota_id))
    free = tuple((use.quota, use.quantity - used.get(use.quota_id, 0)) for use in drawn)
    paid = line.quantity - sum(use.quantity for use in drawn) - used.get(None, 0)
    return Units(line.unit_price_incl_tax, free, paid, line.title)


def choose(units: Units, *, person: Person, paid_by: Payer, amount: Decimal) -> FreeQuota | None:
    """Return the quota whose unit is used; none for a unit at the solidarity price.

    Raises:
        AmountRefused: above the price, or not what the payer says.
        PayerRefused: no such unit is left of the line.
        shop.handovers.limits.LimitReached: the person had what a quota grants to each.
    """
    if paid_by == Payer.NOBODY:
        if amount:
            raise AmountRefused("Une recharge gratuite coûte 0,00\u00a0€.")
        return _free(units, person)
    if units.paid <= 0 or not units.price:
        raise PayerRefused(_only_free(units))
    if amount <= 0:
        raise AmountRefused("Indiquez le montant payé, par exemple 4,50.")
    if amount > units.price:
        raise AmountRefused(
            f"«\u00a0{units.title}\u00a0» coûte {format_euros(units.price)}\u00a0: le montant ne "
            "peut pas dépasser ce prix."
        )
    return None


def _free(units: Units, person: Person) -> FreeQuota | None:
    """Return the first quota with a unit left that the person may still receive."""
    refused: HandOverRefused | None = None
    for quota, left in units.free:
        if left <= 0:
            continue
        try:
            check_quota(quota, person=person, title=units.title)
        except HandOverRefused as error:
            refused = error
        else:
            return quota
    if refused:
        raise refused
    if units.paid > 0 and not units.price:
        return None
    raise PayerRefused(
        "Les recharges gratuites de cette commande sont déjà notées dans le carnet. Indiquez qui a "
        "payé celle-ci."
    )


def _only_free(units: Units) -> str:
    if units.free:
        return (
            "Cette recharge vient de votre dotation gratuite\u00a0: elle coûte 0,00\u00a0€, et "
            "personne ne la paie."
        )
    return "Cette recharge est gratuite\u00a0: elle coûte 0,00\u00a0€, et personne ne la paie."
