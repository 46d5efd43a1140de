"""Campaigns for tests, by the real services."""

import datetime as dt
import html
import re
from typing import Any

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures.models import Structure
from shop.quotas.campaigns import open_campaign
from shop.quotas.grants import grant, plan
from shop.quotas.models import Campaign, FreeQuota
from tests import factories

DAY = dt.timedelta(days=1)


def referent() -> User:
    made: User = factories.UserFactory(role=Role.REFERENT)
    return made


def campaign(*upcs: str, name: str = "Hiver solidaire", **dates: dt.date) -> Campaign:
    """Open a campaign of 30 days, begun yesterday."""
    today = factories.today()
    return open_campaign(
        by=referent(),
        name=name,
        **({"starts_on": today - DAY, "ends_on": today + 30 * DAY} | dates),
        products=[factories.product(upc) for upc in upcs or ("monde",)],
    )


def give(one: Campaign, structure: Structure, upc: str, units: int) -> FreeQuota:
    """Grant units of a campaign to a structure."""
    wanted = {(structure.pk, factories.product(upc).pk): units}
    grant(by=referent(), campaign=one, wanted=wanted, seen=plan(one, wanted).digest)
    return FreeQuota.objects.get(campaign=one, structure=structure, product__upc=upc)


def text(response: Any) -> str:
    """Return a page's words, its ordinary spaces made one."""
    bare = re.sub(r"<[^>]+>", " ", html.unescape(response.content.decode()))
    return re.sub(r"[ \n]+", " ", bare)
