"""One quota raised, lowered and moved by a référent, while partners order."""

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from portal.privacy.models import AuditEntry
from shop.ordering.models import PlacedOrder
from shop.quotas.grants import BelowUsed, change_granted
from shop.quotas.models import FreeQuota
from tests import factories
from tests.shop.campaigns import DAY, campaign, give, referent, text
from tests.shop.conftest import Counter, counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def quota(partner: Counter) -> FreeQuota:
    """Ten units, of which an order took four."""
    made = factories.quota(partner.member.structure, "monde", 10)
    factories.lot("monde", factories.codes(20))
    partner.order(monde=4)
    return made


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(referent())
    return client


def send(desk: Client, quota: FreeQuota, **changes: Any) -> Any:
    quota.refresh_from_db()
    names = ("granted", "starts_on", "ends_on", "limit_per_person")
    shown = {name: getattr(quota, name) for name in names}
    sent = {name: "" if value is None else str(value) for name, value in (shown | changes).items()}
    return desk.post(f"/gestion/dotations/{quota.pk}/", sent)


@pytest.mark.parametrize("granted", [4, 5, 10, 11, 100])
def test_a_quota_is_raised_and_lowered_down_to_what_is_used(quota: FreeQuota, granted: int) -> None:
    changed = change_granted(by=referent(), quota=quota, granted=granted)

    assert (changed.granted, changed.used) == (granted, 4)
    entries = AuditEntry.objects.filter(action="quotas.changed").values_list("details", flat=True)
    expected = [{"granted_from": 10, "granted_to": granted}] if granted != 10 else []
    assert list(entries) == expected


def test_a_quota_never_goes_below_what_is_used(desk: Client, quota: FreeQuota) -> None:
    with pytest.raises(BelowUsed):
        change_granted(by=referent(), quota=quota, granted=3)

    answer = send(desk, quota, granted=3, limit_per_person=2)

    assert answer.status_code == 422
    assert "4 unités sont déjà prises sur cette dotation\u00a0: choisissez 4 ou plus." in text(
        answer
    )
    quota.refresh_from_db()
    assert (quota.granted, quota.limit_per_person) == (10, None)


def test_dates_and_limit_change_on_the_page(desk: Client, quota: FreeQuota) -> None:
    end = factories.today() + 2 * DAY

    assert send(desk, quota, ends_on=end, limit_per_person=3, granted=12).status_code == 302

    quota.refresh_from_db()
    assert (quota.granted, quota.ends_on, quota.limit_per_person) == (12, end, 3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"granted": ""}, "Champ requis."),
        ({"granted": "-1"}, "supérieure ou égale à 0"),
        ({"granted": "100001"}, "inférieure ou égale à 100000"),
        ({"granted": "dix"}, "Saisissez un nombre entier."),
        ({"limit_per_person": "0"}, "supérieure ou égale à 1"),
        ({"ends_on": "2020-01-01"}, "La dotation finit avant d’avoir commencé"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    desk: Client, quota: FreeQuota, changes: dict[str, str], sentence: str
) -> None:
    answer = send(desk, quota, **changes)

    assert answer.status_code == 422
    assert sentence in text(answer).replace("100\u202f000", "100000")
    quota.refresh_from_db()
    assert (quota.granted, quota.used) == (10, 4)


def test_a_campaigns_quota_keeps_the_campaigns_dates(desk: Client, partner: Counter) -> None:
    one = campaign("monde")
    quota = give(one, partner.member.structure, "monde", 5)

    assert send(desk, quota, granted=7, ends_on=one.ends_on + DAY).status_code == 302

    quota.refresh_from_db()
    assert (quota.granted, quota.ends_on) == (7, one.ends_on)


def test_the_list_is_kept_by_structure_product_state_and_source(
    desk: Client, partner: Counter
) -> None:
    structure, today = partner.member.structure, factories.today()
    factories.quota(structure, "monde", 2, ends_on=today - DAY)
    factories.quota(structure, "illimite-france", 3, starts_on=today + DAY)
    give(campaign("monde"), factories.StructureFactory(name="Autre ville"), "monde", 5)

    def shown(query: str) -> int:
        page = desk.get(f"/gestion/dotations/?{query}").content.decode()
        return len(re.findall(r'href="/gestion/dotations/\d+/"', page))

    asked = ["", "q=autre", "product=monde", "state=over", "state=coming", "state=open"]
    found = [shown(query) for query in [*asked, "source=campaign", "source=x&p=99", "q=%00"]]
    assert found == [3, 1, 2, 1, 1, 1, 1, 3, 3]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order_first", [True, False])
def test_a_quota_lowered_while_an_order_draws_on_it_never_breaks(order_first: bool) -> None:
    """The référent lowers to 1 while a partner takes 3 free units: one of them sees the other."""
    factories.product()
    member = factories.MembershipFactory()
    quota = factories.quota(member.structure, "monde", 5)
    factories.lot("monde", factories.codes(10))
    buyer = counter(member)
    buyer.add("monde", 3)
    form, by = buyer.form(), referent()
    outcomes: dict[str, Any] = {}

    def order() -> None:
        outcomes["order"] = buyer.post("/commande/", **form).status_code

    def lower() -> None:
        try:
            outcomes["lower"] = change_granted(by=by, quota=quota, granted=1).granted
        except BelowUsed as error:
            outcomes["lower"] = error.message

    with_lock_held_by_first(quota, *((order, lower) if order_first else (lower, order)))

    quota.refresh_from_db()
    if order_first:
        assert outcomes["order"] == 302
        assert outcomes["lower"].startswith("3 unités sont déjà prises")
        assert (quota.granted, quota.used) == (5, 3)
    else:
        assert outcomes == {"order": 409, "lower": 1}
        assert (quota.granted, quota.used, PlacedOrder.objects.count()) == (1, 0, 0)


def with_lock_held_by_first(
    quota: FreeQuota, first: Callable[[], None], second: Callable[[], None]
) -> None:
    """Run both at once; ``first`` queues for the row before ``second`` does."""
    threads = []

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connection.close()

    with transaction.atomic():
        FreeQuota.objects.select_for_update().get(pk=quota.pk)
        for act in (first, second):
            threads.append(threading.Thread(target=run, args=(act,)))
            threads[-1].start()
            wait_for_waiters(len(threads))
    for thread in threads:
        thread.join(timeout=20)


def wait_for_waiters(count: int) -> None:
    """Wait until that many sessions of this database wait for a lock."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for the row")
