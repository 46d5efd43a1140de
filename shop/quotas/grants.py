"""Granting free units: one quota at a time, or those of a campaign for many structures at once."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry, record
from portal.ui.errors import DomainError
from shop.quotas.campaigns import CampaignRefused, lock
from shop.quotas.models import Campaign, FreeQuota

#: Structure id and product id.
Place = tuple[int, int]


class BelowUsed(DomainError):
    """A quota would be cut below what was taken from it."""

    default_code = "below_used"


class PeriodRefused(DomainError):
    """A quota's dates cannot be so; the message says why."""

    default_code = "period_refused"


class GrantsChanged(DomainError):
    """What would be granted differs from what was shown."""

    default_code = "grants_changed"
    default_message = (
        "Les dotations ont changé depuis l’aperçu. Rien n’a été enregistré\u00a0: vérifiez le "
        "nouvel aperçu, puis validez."
    )


class Change(StrEnum):
    """What becomes of a quota."""

    CREATED = "created"
    RAISED = "raised"
    LOWERED = "lowered"
    SAME = "same"


@dataclass(frozen=True)
class Grant:
    """A quota as it would be; ``before`` is none where it does not exist yet."""

    structure_id: int
    product_id: int
    granted: int
    before: int | None
    used: int

    @property
    def change(self) -> Change:
        """What happens to it."""
        if self.before is None:
            return Change.CREATED
        if self.granted == self.before:
            return Change.SAME
        return Change.RAISED if self.granted > self.before else Change.LOWERED

    @property
    def too_low(self) -> bool:
        """Whether more was taken than would be granted."""
        return self.granted < self.used


@dataclass(frozen=True)
class Plan:
    """What a set of grants would change in a campaign."""

    grants: tuple[Grant, ...]

    @property
    def counts(self) -> Counter[Change]:
        """How many quotas are created, raised, lowered, left."""
        return Counter(one.change for one in self.grants)

    @property
    def digest(self) -> str:
        """What was shown, in 32 characters: it comes back with the confirmation."""
        seen = "|".join(
            f"{one.structure_id}:{one.product_id}:{one.granted}:{one.before}"
            for one in sorted(self.grants, key=lambda one: (one.structure_id, one.product_id))
        )
        return hashlib.sha256(seen.encode()).hexdigest()[:32]


def below_used(used: int) -> str:
    """Return the sentence that refuses to cut below ``used``."""
    return (
        f"{used} {'unités sont déjà prises' if used > 1 else 'unité est déjà prise'} sur cette "
        f"dotation\u00a0: choisissez {used} ou plus."
    )


@transaction.atomic
def change_granted(*, by: User, quota: FreeQuota, granted: int) -> FreeQuota:
    """Raise or lower a quota; an order that draws on it waits, or is waited for.

    Args:
        by: the référent.
        quota: as it was read.
        granted: units in all, those already taken included.

    Raises:
        BelowUsed: more was taken already; the message gives the number.
    """
    row = _lock(quota)
    if granted < row.used:
        raise BelowUsed(below_used(row.used))
    if granted != row.granted:
        record(
            by=by, action="quotas.changed", target=row, granted_from=row.granted, granted_to=granted
        )
        row.granted = granted
        row.save(update_fields=["granted"])
    return row


@transaction.atomic
def change_terms(
    *,
    by: User,
    quota: FreeQuota,
    starts_on: dt.date,
    ends_on: dt.date,
    limit_per_person: int | None,
) -> FreeQuota:
    """Change a quota's dates and its limit per person.

    Raises:
        PeriodRefused: the dates are no period, or are those of a campaign.
    """
    row = _lock(quota)
    before = (row.starts_on, row.ends_on, row.limit_per_person)
    if before == (starts_on, ends_on, limit_per_person):
        return row
    if row.campaign_id and before[:2] != (starts_on, ends_on):
        raise PeriodRefused("Les dates de cette dotation sont celles de sa campagne.")
    if ends_on < starts_on:
        raise PeriodRefused("La dotation finit avant d’avoir commencé\u00a0: vérifiez les dates.")
    row.starts_on, row.ends_on, row.limit_per_person = starts_on, ends_on, limit_per_person
    row.save(update_fields=["starts_on", "ends_on", "limit_per_person"])
    record(
        by=by,
        action="quotas.changed",
        target=row,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
        limit_per_person=limit_per_person,
    )
    return row


def _lock(quota: FreeQuota) -> FreeQuota:
    rows = FreeQuota.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=quota.pk)


def plan(campaign: Campaign, wanted: Mapping[Place, int]) -> Plan:
    """Compare ``wanted`` units with the campaign's quotas, without changing anything."""
    return _plan(wanted, list(campaign.free_quotas.all()))


def _plan(wanted: Mapping[Place, int], quotas: list[FreeQuota]) -> Plan:
    known = {(quota.structure_id, quota.product_id): quota for quota in quotas}
    grants = []
    for place, granted in wanted.items():
        quota = known.get(place)
        before, used = (quota.granted, quota.used) if quota else (None, 0)
        grants.append(Grant(*place, granted, before, used))
    return Plan(tuple(grants))


@transaction.atomic
def grant(
    *,
    by: User,
    campaign: Campaign,
    wanted: Mapping[Place, int],
    seen: str,
    limit_per_person: int | None = None,
) -> Plan:
    """Set the units of many quotas of a campaign, all or none; return what changed.

    A second call finds them as they are and changes nothing.

    Args:
        by: the référent.
        campaign: its dates are the quotas'.
        wanted: units in all, by structure and product.
        seen: `Plan.digest` of what was shown.
        limit_per_person: for every quota named; left as it is by default.

    Raises:
        CampaignRefused: the campaign is over.
        GrantsChanged: the quotas differ from what was shown.
        BelowUsed: some quota would be cut below what was taken.
    """
    row = lock(campaign)
    if row.is_over:
        raise CampaignRefused("Cette campagne est terminée\u00a0: changez d’abord ses dates.")
    rows = FreeQuota.objects.select_for_update(of=("self",), no_key=True)
    quotas = list(rows.filter(campaign=row).order_by("pk"))
    made = _plan(wanted, quotas)
    if any(one.too_low for one in made.grants):
        raise BelowUsed(
            "Une dotation serait inférieure à ce qui en est déjà pris. Rien n’a été enregistré."
        )
    if made.digest != seen:
        raise GrantsChanged
    _write(row, made, quotas, limit_per_person)
    _record(by, row, made)
    return made


def _write(campaign: Campaign, made: Plan, quotas: list[FreeQuota], limit: int | None) -> None:
    known = {(quota.structure_id, quota.product_id): quota for quota in quotas}
    new: list[FreeQuota] = []
    old: list[FreeQuota] = []
    for one in made.grants:
        quota = known.get((one.structure_id, one.product_id)) or FreeQuota(
            campaign=campaign,
            structure_id=one.structure_id,
            product_id=one.product_id,
            starts_on=campaign.starts_on,
            ends_on=campaign.ends_on,
        )
        quota.granted = one.granted
        quota.limit_per_person = limit or quota.limit_per_person
        (old if quota.pk else new).append(quota)
    FreeQuota.objects.bulk_create(new, batch_size=1_000)
    FreeQuota.objects.bulk_update(old, ["granted", "limit_per_person"], batch_size=1_000)


def _record(by: User, campaign: Campaign, made: Plan) -> None:
    """Write one row for the whole, and one for each quota that changed."""
    counts = {str(change): count for change, count in made.counts.items()}
    record(by=by, action="campaigns.granted", target=campaign, **counts)
    changed = {
        (one.structure_id, one.product_id): one
        for one in made.grants
        if one.change is not Change.SAME
    }
    AuditEntry.objects.bulk_create(
        (
            entry(
                by=by,
                action="quotas.changed",
                target=quota,
                granted_from=changed[place].before,
                granted_to=quota.granted,
            )
            for quota in campaign.free_quotas.all()
            if (place := (quota.structure_id, quota.product_id)) in changed
        ),
        batch_size=1_000,
    )
