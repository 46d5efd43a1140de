"""Stock: counted, alerted, let expire, withdrawn and put back."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from shop.products.models import ProductTerms
from shop.recharges import stock
from shop.recharges.models import CodeLot, RechargeCode, StockAlert
from shop.recharges.services import ReasonMissing, put_back
from shop.recharges.tasks import watch_stock
from tests import factories
from tests.shop.conftest import Counter

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
WHY = "SFR a rappelé ce lot"


@pytest.fixture
def referent(partner: Counter) -> User:
    return factories.UserFactory(role=Role.REFERENT)


@pytest.fixture
def desk(client: Client, referent: User) -> Client:
    client.force_login(referent)
    return client


def monde() -> stock.Figures:
    return next(one for one in stock.figures() if one.terms.product.upc == "monde")


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def states(lot: CodeLot) -> list[str]:
    return list(lot.codes.order_by("pk").values_list("state", flat=True))


def test_figures_count_each_code_once(partner: Counter) -> None:
    today = factories.today()
    factories.lot("monde", factories.codes(5))
    factories.lot("monde", factories.codes(2, start=10), expires_on=today + 29 * DAY)
    factories.lot("monde", factories.codes(1, start=20), expires_on=today)
    partner.order(monde=3)
    with time_machine.travel(timezone.now() + DAY, tick=False):
        found = monde()

    assert (found.available, found.expiring, found.given, found.quarantined) == (5, 0, 3, 0)
    assert (found.expired, found.shown) == (0, 0)
    assert found.sold == 3
    assert found.days_left == 5 * 28 // 3


def test_codes_that_expire_within_a_month_are_told(partner: Counter) -> None:
    today = factories.today()
    factories.lot("monde", factories.codes(2), expires_on=today + 29 * DAY)
    factories.lot("monde", factories.codes(3, start=10), expires_on=today + 30 * DAY)
    assert (monde().available, monde().expiring) == (5, 2)
    assert [(one["title"], one["codes"]) for one in stock.expiring_lots()] == [("Monde", 2)]


def test_without_orders_there_is_no_pace(partner: Counter) -> None:
    factories.lot("monde", factories.codes(2))
    assert monde().days_left is None


def test_codes_past_their_day_expire_once(partner: Counter) -> None:
    lot = factories.lot("monde", factories.codes(2), expires_on=factories.today())
    assert stock.expire() == 0
    with time_machine.travel(timezone.now() + DAY, tick=False):
        assert (monde().available, monde().expired) == (0, 2)
        assert stock.expire() == 2
        assert stock.expire() == 0
        assert (monde().available, monde().expired) == (0, 2)

    trace = AuditEntry.objects.get(action="recharges.expired")
    assert (trace.by, trace.target_id, trace.details) == (None, str(lot.pk), {"codes": 2})


def test_a_withdrawn_lot_is_not_given_and_comes_back(partner: Counter, referent: User) -> None:
    lot = factories.lot("monde", factories.codes(3))
    partner.order(monde=1)

    assert stock.withdraw(by=referent, lot=lot.pk, reason=WHY) == 2
    assert states(lot) == ["given", "quarantined", "quarantined"]
    assert monde().available == 0
    with pytest.raises(stock.LotRefused):
        stock.withdraw(by=referent, lot=lot.pk, reason=WHY)

    assert stock.restore(by=referent, lot=lot.pk, reason="Finalement ils sont bons") == 2
    assert states(lot) == ["given", "available", "available"]
    with pytest.raises(stock.LotRefused):
        stock.restore(by=referent, lot=lot.pk, reason=WHY)
    acts = AuditEntry.objects.filter(action__startswith="recharges.lot_", by=referent)
    assert [(one.action, one.details) for one in acts.order_by("pk")] == [
        ("recharges.lot_withdrawn", {"codes": 2, "reason": WHY}),
        ("recharges.lot_restored", {"codes": 2, "reason": "Finalement ils sont bons"}),
    ]


def test_restoring_a_lot_leaves_reported_codes_in_quarantine(
    partner: Counter, referent: User
) -> None:
    lot = factories.lot("monde", factories.codes(2))
    partner.order(monde=1)
    RechargeCode.objects.filter(state="given").update(state="quarantined")
    stock.withdraw(by=referent, lot=lot.pk, reason=WHY)
    stock.restore(by=referent, lot=lot.pk, reason=WHY)
    assert states(lot) == ["quarantined", "available"]


def test_a_cancelled_orders_codes_join_their_withdrawn_lot(
    partner: Counter, referent: User
) -> None:
    lot = factories.lot("monde", factories.codes(3))
    placed = partner.order(monde=2)
    stock.withdraw(by=referent, lot=lot.pk, reason=WHY)

    assert put_back([line.pk for line in placed.order.lines.all()])

    assert states(lot) == ["quarantined"] * 3
    assert stock.restore(by=referent, lot=lot.pk, reason=WHY) == 3


def test_codes_that_come_back_into_a_withdrawn_lot_are_taken_out_again(
    partner: Counter, referent: User
) -> None:
    lot = factories.lot("monde", factories.codes(2))
    stock.withdraw(by=referent, lot=lot.pk, reason=WHY)
    RechargeCode.objects.filter(lot=lot).update(state="available")
    assert stock.sweep_withdrawn() == 2
    assert states(lot) == ["quarantined"] * 2


@pytest.mark.parametrize("reason", ["", "trop", " " * 20])
def test_a_lot_leaves_the_stock_for_a_reason_only(
    partner: Counter, referent: User, reason: str
) -> None:
    lot = factories.lot("monde", factories.codes(1))
    with pytest.raises(ReasonMissing):
        stock.withdraw(by=referent, lot=lot.pk, reason=reason)
    assert states(lot) == ["available"]


def only_monde(threshold: int) -> None:
    ProductTerms.objects.update(alert_threshold=0)
    ProductTerms.objects.filter(product__upc="monde").update(alert_threshold=threshold)


def test_the_referents_are_told_once_when_the_stock_falls(partner: Counter, referent: User) -> None:
    factories.lot("monde", factories.codes(3))
    User.objects.filter(groups__name=Role.REFERENT).exclude(pk=referent.pk).update(is_active=False)
    only_monde(3)
    watch_stock()
    deliver_due()
    assert mail.outbox == []

    partner.order(monde=1)
    for _ in range(3):
        watch_stock()
        deliver_due()
    (message,) = mail.outbox
    assert message.to == [referent.email]
    assert "«\u00a0Monde\u00a0»\u00a0: 2 numéros, seuil 3, soit environ 56 jours" in message.body

    factories.lot("monde", factories.codes(5, start=10))
    watch_stock()
    assert StockAlert.objects.count() == 0
    partner.order(monde=5)
    watch_stock()
    deliver_due()
    assert len([one for one in mail.outbox if one.to == [referent.email]]) == 2


def test_the_stock_page_shows_the_figures(
    desk: Client, partner: Counter, django_assert_num_queries: Any
) -> None:
    factories.lot("monde", factories.codes(4), expires_on=factories.today() + 3 * DAY)
    partner.order(monde=1)
    desk.get("/gestion/stock/")

    shown = desk.get("/gestion/stock/")

    assert shown.status_code == 200
    assert "Monde 3 Stock bas 50 84 3 1 0 0 0" in words(shown)
    assert "Lots qui expirent sous 30 jours" in words(shown)
    with django_assert_num_queries(4):
        stock.figures()
        stock.expiring_lots()


def test_a_lot_is_withdrawn_and_restored_on_its_page(desk: Client) -> None:
    lot = factories.lot("monde", factories.codes(3))
    page = f"/gestion/lots/inspect/{lot.pk}/"

    assert desk.post(page, {"reason": "non"}).status_code == 422
    done = desk.post(page, {"reason": WHY}, follow=True)
    assert "3 numéros retirés du stock." in words(done)
    assert WHY in words(done)
    again = desk.post(page, {"reason": WHY})
    assert (again.status_code, "Ce lot est déjà retiré" in words(again)) == (422, True)
    back = desk.post(page, {"reason": WHY, "restore": "1"}, follow=True)
    assert "3 numéros remis en stock." in words(back)
    assert states(lot) == ["available"] * 3


def test_the_list_of_lots_counts_in_one_query(desk: Client, partner: Counter) -> None:
    factories.lot("monde", factories.codes(4))
    factories.lot("monde", factories.codes(2, start=10))
    partner.order(monde=1)
    shown = words(desk.get("/gestion/lots/"))
    assert "Lot Inspecter 4 3 1 0 0" in shown
    assert "Lot Inspecter 2 2 0 0 0" in shown
