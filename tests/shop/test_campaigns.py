"""Campaigns: what they make free, in whose name, and until when."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from oscar.core.loading import get_model

from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from shop.ordering.models import PlacedOrder
from shop.quotas import OFFER_NAME
from shop.quotas.campaigns import CampaignRefused, change_campaign, end_campaign
from shop.quotas.models import Campaign, FreeQuota, QuotaUse
from tests import factories
from tests.shop.campaigns import DAY, campaign, give, referent, text
from tests.shop.conftest import Counter

pytestmark = pytest.mark.django_db

ConditionalOffer = get_model("offer", "ConditionalOffer")
LIST = "/gestion/campagnes/"


@pytest.fixture
def desk(client: Client) -> Client:
    factories.product()
    client.force_login(referent())
    return client


def discounts(placed: PlacedOrder) -> list[tuple[str, Decimal]]:
    rows = placed.order.discounts.order_by("offer_name")
    return list(rows.values_list("offer_name", "amount"))


def fields(**changes: Any) -> dict[str, Any]:
    today = factories.today()
    return {
        "name": "Été",
        "starts_on": today.isoformat(),
        "ends_on": (today + 10 * DAY).isoformat(),
        "products": [factories.product("monde").pk],
    } | changes


class TestDiscount:
    def test_an_order_names_the_campaign_that_paid(self, partner: Counter) -> None:
        give(campaign("monde"), partner.member.structure, "monde", 2)
        factories.lot("monde", factories.codes(3))

        placed = partner.order(monde=3)

        assert placed.order.total_incl_tax == Decimal("5.00")
        assert discounts(placed) == [("Hiver solidaire", Decimal("10.00"))]
        assert placed.order.basket_discounts[0].offer == Campaign.objects.get().offer

    def test_each_source_pays_for_its_own_units(self, partner: Counter) -> None:
        structure, today = partner.member.structure, factories.today()
        factories.quota(structure, "monde", 1, ends_on=today + 5 * DAY)
        give(campaign("monde", "illimite-france"), structure, "monde", 1)
        other = campaign("monde", name="Printemps", ends_on=today + 60 * DAY)
        give(other, structure, "monde", 4)
        factories.lot("monde", factories.codes(9))

        placed = partner.order(monde=3)

        assert placed.order.total_incl_tax == Decimal("0.00")
        assert placed.order.total_before_discounts_incl_tax == Decimal("15.00")
        assert discounts(placed) == [
            ("Dotation gratuite", Decimal("5.00")),
            ("Hiver solidaire", Decimal("5.00")),
            ("Printemps", Decimal("5.00")),
        ]
        used = FreeQuota.objects.order_by("ends_on").values_list("used", flat=True)
        assert list(used) == [1, 1, 1]
        assert QuotaUse.objects.count() == 3

    def test_a_campaign_gives_nothing_to_a_structure_without_a_quota(
        self, partner: Counter, stranger: Counter
    ) -> None:
        give(campaign("monde"), stranger.member.structure, "monde", 2)
        factories.lot("monde", factories.codes(1))

        assert discounts(partner.order(monde=1)) == []

    def test_the_card_says_what_is_left_until_when(self, partner: Counter) -> None:
        today = factories.today()
        structure = partner.member.structure
        factories.quota(structure, "monde", 2, ends_on=dt.date(today.year + 1, 12, 1))
        one = campaign("monde", ends_on=dt.date(today.year + 1, 12, 15))
        give(one, structure, "monde", 5)
        give(one, structure, "monde", 4)
        factories.lot("monde", factories.codes(30))

        words = text(partner.get("/offre-solidaire/"))

        year = f"{today.year + 1}"
        assert "Gratuit\u00a0: il vous en reste 6" in words
        assert (
            f"Gratuit dont 2 jusqu’au 1er\u00a0décembre\u00a0{year}, 4 jusqu’au "
            f"15\u00a0décembre\u00a0{year}, puis au prix solidaire." in words
        )


class TestRules:
    def test_its_offer_shares_the_condition_and_the_benefit(self) -> None:
        factories.product()
        made, shared = campaign().offer, ConditionalOffer.objects.get(name=OFFER_NAME)

        assert (made.name, made.condition, made.benefit) == (
            "Hiver solidaire",
            shared.condition,
            shared.benefit,
        )

    @pytest.mark.parametrize("name", ["Hiver solidaire", "HIVER solidaire", OFFER_NAME])
    def test_a_name_is_taken_once(self, name: str) -> None:
        campaign()
        with pytest.raises(CampaignRefused, match="Ce nom est déjà pris"):
            campaign(name=name)

    def test_new_dates_and_name_reach_the_quotas_and_the_offer(self, partner: Counter) -> None:
        one = campaign("monde")
        quota = give(one, partner.member.structure, "monde", 2)
        start, end = factories.today() + DAY, factories.today() + 2 * DAY
        monde = factories.product("monde")

        change_campaign(
            by=referent(), campaign=one, name="Noël", starts_on=start, ends_on=end, products=[monde]
        )

        quota.refresh_from_db()
        assert (quota.starts_on, quota.ends_on) == (start, end)
        assert ConditionalOffer.objects.get(campaign=one).name == "Noël"
        entry = AuditEntry.objects.get(action="campaigns.changed")
        assert entry.details["after"] == {
            "starts_on": start.isoformat(),
            "ends_on": end.isoformat(),
        }

    def test_a_product_with_quotas_stays(self, partner: Counter) -> None:
        one = campaign("monde", "illimite-france")
        give(one, partner.member.structure, "monde", 2)

        with pytest.raises(CampaignRefused, match="a déjà des dotations dans cette campagne"):
            change_campaign(
                by=referent(),
                campaign=one,
                name=one.name,
                starts_on=one.starts_on,
                ends_on=one.ends_on,
                products=[factories.product("illimite-france")],
            )


class TestEnd:
    def test_it_stops_at_once_and_orders_keep_their_discount(self, partner: Counter) -> None:
        one = campaign("monde")
        give(one, partner.member.structure, "monde", 5)
        factories.lot("monde", factories.codes(5))
        before = partner.order(monde=1)
        partner.add("monde", 2)
        form = partner.form()

        end_campaign(by=referent(), campaign=one)

        answer = partner.post("/commande/", **form)
        assert answer.status_code == 409
        assert "Le total a changé" in text(answer)
        assert "10,00\u00a0€" in text(answer)
        assert discounts(before) == [("Hiver solidaire", Decimal("5.00"))]
        quota = FreeQuota.objects.get()
        assert (quota.granted, quota.used) == (5, 1)
        assert quota.ends_on == factories.today() - DAY
        with pytest.raises(CampaignRefused, match="déjà terminée"):
            end_campaign(by=referent(), campaign=one)

    @pytest.mark.parametrize("days", [0, 5])
    def test_before_its_second_day_no_day_is_left(self, partner: Counter, days: int) -> None:
        start = factories.today() + days * DAY
        one = campaign("monde", starts_on=start)
        give(one, partner.member.structure, "monde", 5)

        end_campaign(by=referent(), campaign=one)

        one.refresh_from_db()
        assert (one.starts_on, one.ends_on, one.state) == (start, start - DAY, "Terminée")
        assert list(FreeQuota.objects.open_for(partner.member.structure, on=start)) == []


class TestPages:
    def test_a_campaign_is_opened_changed_and_ended(self, desk: Client) -> None:
        assert "Aucune campagne." in text(desk.get(LIST))

        opened = desk.post(f"{LIST}ajouter/", fields(), follow=True)
        one = Campaign.objects.get()
        assert opened.redirect_chain == [(f"{LIST}{one.uuid}/", 302)]
        assert "«\u00a0Été\u00a0» est ouverte." in text(opened)
        desk.post(f"{LIST}{one.uuid}/modifier/", fields(name="Été 2027"))
        assert "Été 2027" in text(desk.get(LIST))

        page = f"{LIST}{one.uuid}/terminer/"
        assert "Hier devient son dernier jour" in text(desk.get(page))
        ended = desk.post(page, follow=True)
        assert "«\u00a0Été 2027\u00a0» est terminée." in text(ended)
        assert "Arrêtée avant le" in text(ended)
        assert "Cette campagne est déjà terminée." in text(desk.post(page, follow=True))
        assert set(
            AuditEntry.objects.filter(target_type="quotas.campaign").values_list("action")
        ) == {
            ("campaigns.opened",),
            ("campaigns.changed",),
            ("campaigns.ended",),
        }

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"name": ""}, "Champ requis."),
            ({"name": OFFER_NAME}, "Ce nom est déjà pris"),
            ({"products": []}, "Choisissez au moins un produit."),
            ({"products": ["999999"]}, "choix valide"),
            ({"ends_on": "2020-01-01"}, "La campagne finit avant d’avoir commencé"),
            ({"starts_on": "demain"}, "Saisissez une date valide."),
        ],
    )
    def test_bad_input_is_refused_with_a_sentence(
        self, desk: Client, changes: dict[str, Any], sentence: str
    ) -> None:
        answer = desk.post(f"{LIST}ajouter/", fields(**changes))

        assert answer.status_code == 422
        assert sentence in text(answer)
        assert Campaign.objects.count() == 0

    @pytest.mark.parametrize("part", ["", "modifier/", "terminer/", "dotations/"])
    def test_an_unknown_campaign_is_not_found(self, desk: Client, part: str) -> None:
        assert desk.get(f"{LIST}{UUID(int=7)}/{part}").status_code == 404

    @pytest.mark.parametrize("role", [Role.EDITOR, Role.OPERATOR, Role.PARTNER])
    def test_only_referents_have_them(self, role: Role) -> None:
        one = campaign("monde")
        other = Client()
        other.force_login(factories.UserFactory(role=role))

        for path in (LIST, f"{LIST}{one.uuid}/", "/gestion/dotations/"):
            assert other.get(path).status_code == 302
        assert other.post(f"{LIST}{one.uuid}/terminer/").status_code == 302
        one.refresh_from_db()
        assert one.is_over is False

    def test_lists_cost_the_same_whatever_they_hold(self, desk: Client) -> None:
        counts = []
        for number in range(3):
            one = campaign("monde", name=f"Campagne {number}")
            for _ in range(3):
                give(one, factories.StructureFactory(), "monde", 4)
            paths = (LIST, f"{LIST}{one.uuid}/", "/gestion/dotations/")
            counts.append([queries(desk, path) for path in paths])

        assert counts[0] == counts[1] == counts[2]


class TestConstraints:
    """What the database itself refuses: raw SQL that goes past every service."""

    @pytest.mark.parametrize(
        ("statement", "name"),
        [
            ("UPDATE quotas_freequota SET campaign_id = NULL", "quotas_one_source"),
            (
                "UPDATE quotas_freequota SET amendment_id = "
                "(SELECT max(id) FROM structures_amendment)",
                "quotas_one_source",
            ),
            (
                "INSERT INTO quotas_freequota (structure_id, campaign_id, product_id, granted, "
                "used, starts_on, ends_on) SELECT structure_id, campaign_id, product_id, 1, 0, "
                "starts_on, ends_on FROM quotas_freequota",
                "quotas_once_per_campaign",
            ),
            ("UPDATE quotas_freequota SET limit_per_person = 0", "quotas_limit_per_person"),
            ("UPDATE quotas_freequota SET ends_on = starts_on - 2", "quotas_dates"),
            ("UPDATE quotas_campaign SET ends_on = starts_on - 2", "quotas_campaign_dates"),
        ],
    )
    def test_the_database_refuses(self, partner: Counter, statement: str, name: str) -> None:
        factories.AmendmentFactory()
        give(campaign("monde"), partner.member.structure, "monde", 2)

        with (
            pytest.raises(IntegrityError, match=name),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def queries(desk: Client, path: str) -> int:
    """Count what a page asks of the database, when the caches of the process are full."""
    desk.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert desk.get(path).status_code == 200
    return len(seen)
