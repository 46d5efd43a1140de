"""Who reads the recharge numbers, when, and the trace that it leaves."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from portal.privacy.models import AuditEntry
from shop.ordering.models import PlacedOrder
from shop.recharges.models import RechargeCode
from tests import factories
from tests.shop.conftest import Counter, numbers

Text = Callable[[Any], str]
CODES = ["0123456789", "0000000042"]


@pytest.fixture
def placed(partner: Counter) -> PlacedOrder:
    """An order of two numbers by the partner."""
    factories.lot("monde", CODES)
    return partner.order(monde=2)


def page(placed: PlacedOrder) -> str:
    return f"/commande/{placed.uuid}/"


def shows() -> list[tuple[str, str]]:
    """Return the e-mail of who saw a number and where, display by display."""
    trail = AuditEntry.objects.filter(action="recharges.shown").order_by("pk")
    return [(one.by.email, one.details["where"]) for one in trail if one.by]


def raw(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")  # noqa: S608
        return cursor.fetchone()[0] or ""


def test_the_buyer_reads_the_numbers_and_reads_them_again(
    partner: Counter, placed: PlacedOrder
) -> None:
    for _ in range(2):
        assert sorted(numbers(partner.get(page(placed)))) == sorted(CODES)

    assert shows() == [(partner.member.user.email, "order")] * 4
    assert RechargeCode.objects.filter(first_shown_at=None).count() == 0


def test_the_first_display_is_dated_once(partner: Counter, placed: PlacedOrder) -> None:
    partner.get(page(placed))
    first = RechargeCode.objects.values_list("first_shown_at", flat=True)[0]
    partner.get(page(placed))
    assert RechargeCode.objects.values_list("first_shown_at", flat=True)[0] == first


def test_after_half_an_hour_the_numbers_are_hidden(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    almost = placed.placed_at + dt.timedelta(minutes=29, seconds=59)
    with time_machine.travel(almost, tick=False):
        assert len(numbers(partner.get(page(placed)))) == 2
    with time_machine.travel(almost + dt.timedelta(seconds=1), tick=False):
        answer = partner.get(page(placed))
    assert numbers(answer) == []
    assert "Les numéros sont masqués" in text(answer)
    assert all(code not in answer.content.decode() for code in CODES)


def test_a_colleague_sees_the_order_with_its_numbers_hidden(
    colleague: Counter, placed: PlacedOrder
) -> None:
    answer = colleague.get(page(placed))
    assert answer.status_code == 200
    assert all(code not in answer.content.decode() for code in CODES)
    assert shows() == []


def test_a_stranger_finds_neither_order_nor_number(stranger: Counter, placed: PlacedOrder) -> None:
    code = RechargeCode.objects.filter(state="given")[0]
    assert stranger.get(page(placed)).status_code == 404
    assert stranger.post(f"/mon-compte/recharges/{code.uuid}/").status_code == 404
    assert shows() == []


def test_what_does_not_exist_is_not_found(partner: Counter) -> None:
    assert partner.get(f"/commande/{uuid4()}/").status_code == 404
    assert partner.post(f"/mon-compte/recharges/{uuid4()}/").status_code == 404


def test_a_number_that_was_not_given_is_shown_to_nobody(partner: Counter) -> None:
    factories.lot("monde", CODES)
    code = RechargeCode.objects.all()[0]
    assert partner.post(f"/mon-compte/recharges/{code.uuid}/").status_code == 404


def test_an_order_of_another_structure_of_mine_waits_for_the_switch(
    partner: Counter, placed: PlacedOrder
) -> None:
    other = factories.MembershipFactory(user=partner.member.user)
    partner.post("/changer-de-structure/", structure=other.structure.uuid)
    assert partner.get(page(placed)).status_code == 404


def test_a_prefetch_shows_nothing(partner: Counter, placed: PlacedOrder) -> None:
    answer = partner.get(page(placed), **{"Sec-Purpose": "prefetch;prerender"})
    assert (answer.status_code, answer.content) == (503, b"")
    assert shows() == []


def test_the_history_hides_and_the_trail_stays_empty(
    partner: Counter, placed: PlacedOrder, text: Text
) -> None:
    answer = partner.get("/mon-compte/recharges/")
    assert text(answer).count("Afficher") == 2
    assert all(code not in answer.content.decode() for code in CODES)
    assert shows() == []


@pytest.mark.parametrize("htmx", [True, False])
def test_a_colleague_reveals_one_number_and_it_is_recorded(
    colleague: Counter, placed: PlacedOrder, htmx: bool
) -> None:
    code = RechargeCode.objects.order_by("pk")[1]
    headers = {"HX-Request": "true"} if htmx else {}

    answer = colleague.client.post(f"/mon-compte/recharges/{code.uuid}/", headers=headers)

    assert answer.status_code == 200
    assert numbers(answer) == [code.secret]
    assert (b"<h1>" in answer.content) is not htmx
    assert shows() == [(colleague.member.user.email, "history")]
    dates = RechargeCode.objects.order_by("pk").values_list("first_shown_at", flat=True)
    assert [date is None for date in dates] == [True, False]


def test_an_old_number_is_revealed_however_long_the_history(partner: Counter) -> None:
    factories.lot("monde", factories.codes(42))
    first = partner.order(monde=2)
    for quantity in (20, 20):
        partner.order(monde=quantity)
    code = RechargeCode.objects.filter(order_line__order=first.order)[0]

    assert numbers(partner.post(f"/mon-compte/recharges/{code.uuid}/")) == [code.secret]


def test_reading_the_address_of_a_number_leads_to_the_history(
    partner: Counter, placed: PlacedOrder
) -> None:
    code = RechargeCode.objects.all()[0]
    answer = partner.get(f"/mon-compte/recharges/{code.uuid}/")
    assert (answer.status_code, answer.url) == (302, "/mon-compte/recharges/")
    assert shows() == []


@pytest.mark.parametrize("path", ["order", "reveal"])
def test_no_number_is_kept_by_the_browser(partner: Counter, placed: PlacedOrder, path: str) -> None:
    code = RechargeCode.objects.all()[0]
    answer = (
        partner.get(page(placed))
        if path == "order"
        else partner.post(f"/mon-compte/recharges/{code.uuid}/")
    )
    assert "no-store" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]


def test_no_number_reaches_an_address_a_log_a_message_or_a_table(
    partner: Counter, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    factories.lot("monde", CODES)
    placed = partner.order(monde=2)
    answers = [partner.get(page(placed)), partner.get("/mon-compte/"), partner.get("/panier/")]
    code = RechargeCode.objects.all()[0]
    answers.append(partner.post(f"/mon-compte/recharges/{code.uuid}/"))

    output = capfd.readouterr()
    stored = " ".join(
        map(raw, ("privacy_auditentry", "outbox_outboxmessage", "django_session", "order_order"))
    )
    places = [
        caplog.text,
        output.out,
        output.err,
        stored,
        *(a.request["PATH_INFO"] for a in answers),
    ]
    places += [str(answer.headers) for answer in answers]
    assert len(shows()) == 3
    assert [place for place in places for digits in CODES if digits in place] == []


def test_the_history_is_cut_into_pages(partner: Counter, text: Text) -> None:
    factories.lot("monde", factories.codes(21))
    partner.order(monde=20)
    partner.order(monde=1)

    assert text(partner.get("/mon-compte/recharges/")).count("Afficher") == 20
    assert text(partner.get("/mon-compte/recharges/?page=2")).count("Afficher") == 1
    assert text(partner.get("/mon-compte/recharges/?page=zzz")).count("Afficher") == 20


def test_orders_and_dashboard_tell_what_was_ordered(
    partner: Counter, colleague: Counter, stranger: Counter, text: Text
) -> None:
    quota = factories.quota(partner.member.structure, "monde", 3)
    factories.lot("monde", factories.codes(9))
    placed = partner.order(monde=4)

    for reader in (partner, colleague):
        orders = text(reader.get("/mon-compte/commandes/"))
        assert f"n°\u00a0{placed.order.number}" in orders
        assert "5,00\u00a0€ pour 4\u00a0articles" in orders
        home = text(reader.get("/mon-compte/"))
        assert "3 sur 3 prises" in home
        assert f"n°\u00a0{placed.order.number}" in home
    assert placed.order.number not in text(stranger.get("/mon-compte/commandes/"))
    assert quota.ends_on > timezone.localdate()
