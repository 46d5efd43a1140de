"""Campaigns: opening, changing and ending them, with the Oscar offer that shows each."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.privacy.services import record
from portal.ui.errors import DomainError
from shop.quotas import OFFER_NAME
from shop.quotas.models import Campaign, FreeQuota

ConditionalOffer = get_model("offer", "ConditionalOffer")
_A_DAY = dt.timedelta(days=1)


class CampaignRefused(DomainError):
    """The campaign cannot be so; the message says what to change."""

    default_code = "campaign_refused"


@transaction.atomic
def open_campaign(
    *, by: User, name: str, starts_on: dt.date, ends_on: dt.date, products: Iterable[Any]
) -> Campaign:
    """Open a campaign; it gives nothing until it holds quotas.

    Args:
        by: the référent.
        name: unique; orders and Oscar's reports show it.
        starts_on: its first day.
        ends_on: its last day, included.
        products: Oscar's; at least one.

    Raises:
        CampaignRefused: the name is taken, or the dates are no period.
    """
    _check(None, name, starts_on, ends_on)
    shared = ConditionalOffer.objects.get(name=OFFER_NAME)
    offer = ConditionalOffer.objects.create(
        name=name,
        offer_type=shared.offer_type,
        max_basket_applications=1,
        condition=shared.condition,
        benefit=shared.benefit,
    )
    campaign = Campaign.objects.create(name=name, starts_on=starts_on, ends_on=ends_on, offer=offer)
    campaign.products.set(products)
    record(by=by, action="campaigns.opened", target=campaign, **_dates(campaign))
    return campaign


@transaction.atomic
def change_campaign(
    *,
    by: User,
    campaign: Campaign,
    name: str,
    starts_on: dt.date,
    ends_on: dt.date,
    products: Iterable[Any],
) -> None:
    """Change a campaign; its quotas take its dates. Orders keep the discount they had.

    Raises:
        CampaignRefused: as in `open_campaign`, or a product that has quotas would leave.
    """
    row = lock(campaign)
    _check(row, name, starts_on, ends_on)
    kept = {product.pk for product in products}
    lost = row.free_quotas.exclude(product__in=kept).select_related("product").first()
    if lost:
        raise CampaignRefused(
            f"«\u00a0{lost.product.title}\u00a0» a déjà des dotations dans cette campagne\u00a0: "
            "il doit y rester. Ramenez ses dotations à ce qui est pris si vous voulez l’arrêter."
        )
    before = _dates(row)
    row.name, row.starts_on, row.ends_on = name, starts_on, ends_on
    row.save(update_fields=["name", "starts_on", "ends_on"])
    row.products.set(kept)
    ConditionalOffer.objects.filter(pk=row.offer_id).update(name=name)
    _move_quotas(row)
    record(by=by, action="campaigns.changed", target=row, before=before, after=_dates(row))


@transaction.atomic
def end_campaign(*, by: User, campaign: Campaign) -> Campaign:
    """End a campaign at once: yesterday becomes its last day.

    One that has not begun, or begins today, ends on the eve of its first day: its period is empty.
    Orders placed before keep their discount; baskets are shown their new price.

    Raises:
        CampaignRefused: it is over already.
    """
    row = lock(campaign)
    if row.is_over:
        raise CampaignRefused("Cette campagne est déjà terminée.")
    before = _dates(row)
    row.ends_on = max(timezone.localdate(), row.starts_on) - _A_DAY
    row.save(update_fields=["ends_on"])
    _move_quotas(row)
    record(by=by, action="campaigns.ended", target=row, before=before, after=_dates(row))
    return row


def lock(campaign: Campaign) -> Campaign:
    """Hold a campaign: what changes it or its quotas in bulk goes one after the other."""
    return Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)


def _move_quotas(campaign: Campaign) -> None:
    """Give the campaign's dates to its quotas, locked in the order in which orders lock them."""
    quotas = FreeQuota.objects.filter(campaign=campaign)
    list(quotas.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    quotas.update(starts_on=campaign.starts_on, ends_on=campaign.ends_on)


def _check(campaign: Campaign | None, name: str, starts_on: dt.date, ends_on: dt.date) -> None:
    if ends_on < starts_on:
        raise CampaignRefused("La campagne finit avant d’avoir commencé\u00a0: vérifiez les dates.")
    others = ConditionalOffer.objects.filter(name__iexact=name)
    if others.exclude(pk=campaign.offer_id if campaign else None).exists():
        raise CampaignRefused("Ce nom est déjà pris\u00a0: choisissez-en un autre.")


def _dates(campaign: Campaign) -> dict[str, str]:
    return {
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
    }
