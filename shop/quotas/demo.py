"""A campaign for the demonstration."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from oscar.core.loading import get_model

from portal.accounts.models import User
from portal.structures.models import Structure
from shop.quotas.campaigns import open_campaign
from shop.quotas.grants import grant, plan
from shop.quotas.models import Campaign

Product = get_model("catalogue", "Product")

NAME = "Hiver solidaire"
#: Units for each structure, by product.
UNITS = {"monde": 12, "internet-mobile-8-go": 7}


def load(*, by: User, structures: Iterable[Structure]) -> None:
    """Open a campaign of two months with quotas for ``structures``, unless it is there."""
    if Campaign.objects.filter(name=NAME).exists():
        return
    products = Product.objects.filter(upc__in=UNITS).order_by("pk")
    today = timezone.localdate()
    campaign = open_campaign(
        by=by,
        name=NAME,
        starts_on=today,
        ends_on=today + dt.timedelta(days=60),
        products=products,
    )
    wanted = {
        (one.pk, product.pk): UNITS[product.upc] for one in structures for product in products
    }
    grant(by=by, campaign=campaign, wanted=wanted, seen=plan(campaign, wanted).digest)
