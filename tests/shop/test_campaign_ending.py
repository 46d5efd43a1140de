"""Ending a campaign for some structures, while it goes on for the others."""

from typing import Any

import pytest
from django.test import Client

from portal.privacy.models import AuditEntry
from portal.structures.models import Structure
from shop.quotas.campaigns import CampaignRefused, change_campaign, end_campaign
from shop.quotas.ending import NothingToEnd, digest, end_for, still_open
from shop.quotas.grants import GrantsChanged
from shop.quotas.models import Campaign, FreeQuota
from tests import factories
from tests.shop.campaigns import DAY, campaign, give, referent, text

pytestmark = pytest.mark.django_db


def end(one: Campaign, *structures: Structure) -> list[FreeQuota]:
    chosen = Structure.objects.filter(pk__in=[structure.pk for structure in structures])
    seen = digest(still_open(one, chosen))
    return end_for(by=referent(), campaign=one, structures=chosen, seen=seen)


def left(one: Campaign) -> dict[str, int]:
    quotas = FreeQuota.objects.filter(campaign=one).select_related("structure")
    return {quota.structure.name: quota.granted - quota.used for quota in quotas}


@pytest.fixture
def winter() -> Campaign:
    made = campaign("monde")
    for name, kind in (("Une", "ccas"), ("Deux", "association"), ("Trois", "ccas")):
        give(made, factories.StructureFactory(name=name, kind=kind), "monde", 5)
    FreeQuota.objects.filter(structure__name="Une").update(used=2)
    return made


def test_what_is_left_ends_for_them_and_stays_for_the_others(winter: Campaign) -> None:
    ended = end(winter, Structure.objects.get(name="Une"))

    assert left(winter) == {"Une": 0, "Deux": 5, "Trois": 5}
    told = AuditEntry.objects.filter(action="quotas.changed", target_id=str(ended[0].pk))
    assert told.latest("pk").details == {"granted_from": 5, "granted_to": 2}
    assert AuditEntry.objects.get(action="campaigns.ended_for").details == {"structures": 1}


def test_a_campaign_prolonged_later_gives_them_nothing_back(winter: Campaign) -> None:
    end(winter, Structure.objects.get(name="Une"))
    change_campaign(
        by=referent(),
        campaign=winter,
        name=winter.name,
        starts_on=winter.starts_on,
        ends_on=winter.ends_on + 60 * DAY,
        products=winter.products.all(),
    )

    assert left(winter)["Une"] == 0


def test_nothing_left_a_changed_list_or_a_campaign_that_is_over_are_said(
    winter: Campaign,
) -> None:
    one = Structure.objects.get(name="Une")
    end(winter, one)
    everyone = Structure.objects.all()

    with pytest.raises(NothingToEnd):
        end(winter, one)
    with pytest.raises(GrantsChanged):
        end_for(by=referent(), campaign=winter, structures=everyone, seen="other")
    end_campaign(by=referent(), campaign=winter)
    with pytest.raises(CampaignRefused):
        end(winter, Structure.objects.get(name="Deux"))
    assert left(winter) == {"Une": 0, "Deux": 5, "Trois": 5}


def test_the_page_ends_it_for_those_that_the_filters_keep(client: Client, winter: Campaign) -> None:
    client.force_login(referent())
    address = f"/gestion/campagnes/{winter.uuid}/terminer-pour/?kind=ccas"
    page: Any = client.get(address)
    assert "Terminer pour 2 structures" in text(page)

    answer = client.post(address, {"seen": page.context["seen"]})
    assert (answer.status_code, left(winter)) == (302, {"Une": 0, "Deux": 5, "Trois": 0})


def test_a_list_that_changed_is_shown_again(client: Client, winter: Campaign) -> None:
    client.force_login(referent())
    address = f"/gestion/campagnes/{winter.uuid}/terminer-pour/"
    answer = client.post(address, {"seen": "other"})

    assert (answer.status_code, left(winter)["Une"]) == (422, 3)
    assert "Rien n’a été enregistré" in text(answer)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("q=eux", ["Deux"]),
        ("department=33", ["Deux", "Trois", "Une"]),
        ("department=75", []),
        ("kind=nul", []),
        ("manager=nul", []),
    ],
)
def test_filters_choose_the_structures(
    client: Client, winter: Campaign, asked: str, names: list[str]
) -> None:
    client.force_login(referent())
    page: Any = client.get(f"/gestion/campagnes/{winter.uuid}/terminer-pour/?{asked}")

    assert [quota.structure.name for quota in page.context["quotas"]] == names
