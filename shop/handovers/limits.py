"""How much one person may receive: by month under the convention, by period under a quota."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from portal.structures.models import Structure
from portal.ui.forms import MONTHS
from shop.handovers import months
from shop.handovers.models import HandOver
from shop.handovers.references import HandOverRefused
from shop.quotas.models import FreeQuota


class LimitReached(HandOverRefused):
    """The person had as many as the convention or the quota grants to each."""

    default_code = "limit_reached"
    field = "reference"


@dataclass(frozen=True)
class Person:
    """Somebody as a structure knows them.

    Attributes:
        structure: whose reference it is.
        fingerprint: of the reference.
        without: the hand-over that is being corrected, which does not count.
    """

    structure: Structure
    fingerprint: str
    without: HandOver | None = None

    def received(self, **within: object) -> int:
        """Count their hand-overs, within what the keywords of a filter say."""
        rows = HandOver.objects.filter(
            structure=self.structure, reference_fingerprint=self.fingerprint, **within
        )
        return (rows.exclude(pk=self.without.pk) if self.without else rows).count()


def check_month(person: Person, *, on: dt.date) -> None:
    """Enforce the limit of the convention in force on that day, by civil month.

    Raises:
        LimitReached: with the day from which the next one is possible.
    """
    agreements = person.structure.agreements.order_by("-starts_on", "-pk")
    limit = next((one.limit_per_person for one in agreements if one.in_force(on)), None)
    if limit is None:
        return
    first = on.replace(day=1)
    following = months.following(first)
    had = person.received(handed_on__gte=first, handed_on__lt=following)
    if had >= limit:
        raise LimitReached(
            f"Cette personne a déjà reçu {_recharges(had)} en {_month(first)} (limite de votre "
            f"convention\u00a0: {limit}). La prochaine sera possible le {_day(following)}."
        )


def check_quota(quota: FreeQuota, *, person: Person, title: str) -> None:
    """Enforce the limit of a free quota, over its whole period.

    Args:
        quota: the one that paid for the unit.
        person: who receives it.
        title: the product's, for the sentence.

    Raises:
        LimitReached: with the quota's last day.
    """
    limit = quota.limit_per_person
    if limit is None:
        return
    had = person.received(quota=quota)
    if had >= limit:
        raise LimitReached(
            f"Cette personne a déjà reçu {_recharges(had)} «\u00a0{title}\u00a0» de votre dotation "
            f"gratuite (limite par personne\u00a0: {limit} jusqu’au {_day(quota.ends_on)})."
        )


def _recharges(count: int) -> str:
    return f"{count}\u00a0recharge{'s' if count > 1 else ''}"


def _month(day: dt.date) -> str:
    return MONTHS[day.month - 1] + _year(day)


def _day(day: dt.date) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}\u00a0{MONTHS[day.month - 1]}{_year(day)}"


def _year(day: dt.date) -> str:
    return "" if day.year == timezone.localdate().year else f"\u00a0{day.year}"
