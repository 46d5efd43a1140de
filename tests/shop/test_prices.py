"""Prices take effect on a day; what was sold keeps its price."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from oscar.core.loading import get_model

from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from shop.products.models import ProductPrice
from shop.products.prices import price_of
from tests import factories
from tests.shop.conftest import Counter

pytestmark = pytest.mark.django_db

StockRecord = get_model("partner", "StockRecord")
PARIS = ZoneInfo("Europe/Paris")
DAY = dt.timedelta(days=1)


def prices(upc: str = "monde") -> list[tuple[str, dt.date]]:
    rows = ProductPrice.objects.filter(product__upc=upc).order_by("starts_on")
    return [(str(row.price), row.starts_on) for row in rows]


@pytest.fixture
def desk(client: Client) -> Client:
    factories.product()
    client.force_login(factories.UserFactory(role=Role.REFERENT))
    return client


def page() -> str:
    return f"/gestion/catalogue/{factories.product('monde').pk}/"


def fix(desk: Client, price: str, day: dt.date) -> Any:
    return desk.post(f"{page()}prix/", {"price": price, "starts_on": day.isoformat()})


def remove(desk: Client, day: dt.date) -> Any:
    row = ProductPrice.objects.get(product__upc="monde", starts_on=day)
    return desk.post(f"{page()}retirer-prix/", {"price": row.pk}, follow=True)


def test_the_latest_price_that_has_begun_is_in_force(desk: Client) -> None:
    today = factories.today()
    fix(desk, "4,50", today + DAY)
    fix(desk, "6", today + 3 * DAY)

    monde = factories.product("monde")
    found = [price_of(monde, on=today + days * DAY) for days in (-1, 0, 1, 2, 3, 99)]

    assert found == [None, *map(Decimal, ("5.00", "4.50", "4.50", "6.00", "6.00"))]


def test_oscars_stock_records_carry_no_price(partner: Counter) -> None:
    assert set(StockRecord.objects.values_list("price", flat=True)) == {None}


def test_a_price_that_changes_at_midnight_is_shown_before_it_is_paid(
    desk: Client, partner: Counter
) -> None:
    today = factories.today()
    fix(desk, "6,00", today + DAY)
    factories.lot("monde", factories.codes(4))
    before = partner.order(monde=1)
    partner.add("monde", 2)
    form = partner.form()
    midnight = dt.datetime.combine(today + DAY, dt.time(), tzinfo=PARIS)

    with time_machine.travel(midnight - dt.timedelta(seconds=1), tick=False):
        assert partner.form() == form
    with time_machine.travel(midnight, tick=False):
        partner.client.force_login(partner.member.user)
        answer = partner.post("/commande/", **form)
        assert answer.status_code == 409
        assert "Le total a changé" in answer.content.decode()
        assert "12,00\u00a0€" in answer.content.decode().replace("&nbsp;", "\u00a0")
        again = partner.post("/commande/", **partner.form())

    assert again.status_code == 302
    totals = list(type(before).objects.order_by("pk").values_list("order__total_incl_tax"))
    assert totals == [(Decimal("5.00"),), (Decimal("12.00"),)]


def test_the_card_announces_the_next_price(desk: Client, partner: Counter) -> None:
    year = factories.today().year + 1
    fix(desk, "4,50", dt.date(year, 1, 1))

    card = re.sub(r"<[^>]+>", "", partner.get("/offre-solidaire/").content.decode())

    assert f"4,50\u00a0€ à partir du 1er\u00a0janvier\u00a0{year}" in card


def test_a_coming_price_is_changed_and_removed_until_its_day(desk: Client) -> None:
    today = factories.today()
    fix(desk, "4,50", today + DAY)
    fix(desk, "4,60", today + DAY)
    assert prices() == [("5.00", today), ("4.60", today + DAY)]

    assert "Le prix à venir est retiré." in remove(desk, today + DAY).content.decode()
    assert prices() == [("5.00", today)]
    assert list(
        AuditEntry.objects.filter(action__startswith="products.price")
        .order_by("pk")
        .values_list("action", "details__price")
    ) == [
        ("products.priced", "4.50"),
        ("products.priced", "4.60"),
        ("products.price_removed", "4.60"),
    ]


def test_a_price_in_force_is_not_removed(desk: Client) -> None:
    today = factories.today()

    answer = remove(desk, today)

    assert "Ce prix est en vigueur depuis le" in answer.content.decode()
    assert prices() == [("5.00", today)]


def test_todays_price_is_mended_until_somebody_orders(desk: Client, partner: Counter) -> None:
    today = factories.today()
    assert fix(desk, "5,10", today).status_code == 302
    factories.lot("monde", factories.codes(2))
    partner.order(monde=1)

    answer = fix(desk, "5,20", today)

    assert answer.status_code == 422
    assert "Ce prix a déjà servi" in answer.content.decode()
    assert prices() == [("5.10", today)]


@pytest.mark.parametrize(
    ("price", "days", "sentence"),
    [
        ("5", -1, "Ce jour est passé"),
        ("-1", 1, "supérieure ou égale à 0"),
        ("", 1, "Champ requis."),
        ("NaN", 1, "Saisissez un nombre."),
    ],
)
def test_a_bad_price_is_refused(desk: Client, price: str, days: int, sentence: str) -> None:
    today = factories.today()

    answer = fix(desk, price, today + days * DAY)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert prices() == [("5.00", today)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE products_productprice SET price = 1",
        "UPDATE products_productprice SET starts_on = now()::date",
        "DELETE FROM products_productprice",
    ],
)
def test_the_database_keeps_past_prices(desk: Client, statement: str) -> None:
    monde = factories.product("monde")
    ProductPrice.objects.exclude(product=monde).delete()
    past = factories.today() - 2 * DAY
    ProductPrice.objects.filter(product=monde).update(starts_on=past)

    with (
        pytest.raises(IntegrityError, match="a price whose day is past never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert prices() == [("5.00", past)]


def test_the_database_refuses_two_prices_a_day_and_negative_ones(desk: Client) -> None:
    monde, today = factories.product("monde"), factories.today()

    for price, day, name in (
        ("1", today, "products_one_price_a_day"),
        ("-1", today + DAY, "products_price_not_negative"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ProductPrice.objects.create(product=monde, price=Decimal(price), starts_on=day)
