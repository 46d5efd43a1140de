"""Ending a campaign for some of its structures, while it goes on for the others."""

import hashlib

from django.db import transaction
from django.db.models import F, QuerySet

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry, record
from portal.structures.models import Structure
from portal.ui.errors import DomainError
from shop.quotas.campaigns import CampaignRefused, lock
from shop.quotas.grants import GrantsChanged
from shop.quotas.models import Campaign, FreeQuota


class NothingToEnd(DomainError):
    """None of the structures chosen has anything left to draw in the campaign."""

    default_code = "nothing_to_end"
    default_message = "Aucune de ces structures n’a encore d’unités gratuites dans cette campagne."


def still_open(campaign: Campaign, structures: QuerySet[Structure]) -> QuerySet[FreeQuota]:
    """Return the quotas of these structures in the campaign that have units left."""
    return FreeQuota.objects.filter(
        campaign=campaign, structure__in=structures, granted__gt=F("used")
    )


def digest(quotas: QuerySet[FreeQuota]) -> str:
    """Return which quotas were shown, in 32 characters: it comes back with the confirmation."""
    keys = quotas.order_by("pk").values_list("pk", flat=True)
    return hashlib.sha256(",".join(map(str, keys)).encode()).hexdigest()[:32]


@transaction.atomic
def end_for(
    *, by: User, campaign: Campaign, structures: QuerySet[Structure], seen: str
) -> list[FreeQuota]:
    """End a campaign for some structures: what they took becomes all they were granted.

    The dates of a campaign are those of all its quotas, so that these keep them: a campaign that
    is prolonged later gives them nothing back. Orders keep their discount.

    Args:
        by: the référent.
        campaign: not over yet.
        structures: whose units end; those without any are left out.
        seen: `digest` of what was shown.

    Raises:
        CampaignRefused: the campaign is over for everybody.
        NothingToEnd: nothing is left to draw.
        GrantsChanged: other quotas than those that were shown.
    """
    row = lock(campaign)
    if row.is_over:
        raise CampaignRefused("Cette campagne est déjà terminée pour toutes les structures.")
    open_ones = still_open(row, structures)
    # Locked in the order in which orders lock them.
    quotas = list(open_ones.order_by("pk").select_for_update(of=("self",), no_key=True))
    if not quotas:
        raise NothingToEnd
    shown = FreeQuota.objects.filter(pk__in=[quota.pk for quota in quotas])
    if digest(shown) != seen:
        raise GrantsChanged
    shown.update(granted=F("used"))
    AuditEntry.objects.bulk_create(
        (
            entry(
                by=by,
                action="quotas.changed",
                target=quota,
                granted_from=quota.granted,
                granted_to=quota.used,
            )
            for quota in quotas
        ),
        batch_size=1_000,
    )
    count = len({quota.structure_id for quota in quotas})
    record(by=by, action="campaigns.ended_for", target=row, structures=count)
    return quotas
