"""The list of structures: my own, what waits for me first, and the same cost however many."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.structures import file
from portal.structures.models import Agreement, Structure
from shop.recharges.faulty import report_faulty
from shop.recharges.models import FaultyReport, RechargeCode
from shop.recharges.services import show
from tests import factories
from tests.portfolio.conftest import browser

LIST = "/gestion/structures/"
#: The visitor, their permissions and Wagtail's frame are 8; what waits is 4; whether one follows
#: any, the référents, the count, the rows.
QUERIES = 17


def names(answer: Any) -> list[str]:
    return [row.name for row in answer.context["object_list"]]


def shown(client: Client, **asked: str) -> list[str]:
    answer = client.get(LIST, asked)
    assert answer.status_code == 200
    return names(answer)


def place(name: str, manager: User | None = None, **fields: Any) -> Structure:
    made: Structure = factories.StructureFactory(name=name, account_manager=manager, **fields)
    return made


def to_countersign(structure: Structure) -> None:
    factories.AgreementFactory(structure=structure, state=Agreement.State.SIGNED)


class TestWhose:
    def test_one_sees_ones_own_first(self, desk: Client, referent: User) -> None:
        place("Mienne", referent)
        place("Autre", factories.UserFactory(role=Role.REFERENT))
        place("Personne")

        assert shown(desk) == ["Mienne"]
        assert shown(desk, manager="all") == ["Autre", "Mienne", "Personne"]
        assert shown(desk, manager="none") == ["Personne"]

    def test_who_follows_none_sees_them_all(self, db: None) -> None:
        place("Une")

        assert shown(browser(factories.UserFactory(role=Role.ADMINISTRATOR))) == ["Une"]

    def test_a_colleagues_portfolio_is_open(self, desk: Client, referent: User) -> None:
        other = factories.UserFactory(role=Role.REFERENT)
        place("Sienne", other)
        place("Mienne", referent)

        assert shown(desk, manager=str(other.uuid)) == ["Sienne"]


class TestFilters:
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"state": "closed"}, ["Ajaccio"]),
            ({"kind": "ccas"}, ["Lille"]),
            ({"department": "2A"}, ["Ajaccio"]),
            ({"department": "59"}, ["Lille"]),
            ({"department": "974"}, ["Saint-Denis"]),
            ({"is_listed": "True"}, ["Saint-Denis"]),
            ({"waits": "facts"}, ["Saint-Denis"]),
            ({"q": "saint denis 97400"}, ["Saint-Denis"]),
            ({"q": "LÎLLE"}, ["Lille"]),
            ({"q": "73282932000074"}, ["Lille"]),
            ({"q": "rien de tel"}, []),
            ({"q": "%"}, []),
        ],
    )
    def test_each_keeps_what_it_says(
        self, desk: Client, asked: dict[str, str], expected: list[str]
    ) -> None:
        place("Lille", kind="ccas", postcode="59000", city="Lille", siret="73282932000074")
        place("Ajaccio", state="closed", postcode="20000", city="Ajaccio")
        place("Saint-Denis", postcode="97400", city="Saint-Denis", is_listed=True)

        assert shown(desk, manager="all", **asked) == expected

    def test_a_filter_that_does_not_exist_breaks_nothing(self, desk: Client) -> None:
        assert desk.get(LIST, {"state": "perdue", "manager": "x"}).status_code == 200


class TestWaiting:
    def test_what_waits_comes_first(self, desk: Client, referent: User) -> None:
        for name in ("A", "B", "C"):
            place(name, referent)
        to_countersign(Structure.objects.get(name="C"))

        assert shown(desk) == ["C", "A", "B"]
        assert shown(desk, waits="yes") == ["C"]

    def test_a_faulty_number_and_cards_to_prepare_wait(self, desk: Client, referent: User) -> None:
        member = factories.MembershipFactory(is_structure_lead=True)
        Structure.objects.update(account_manager=referent)
        factories.quota(member.structure, "monde", 5)
        report = waiting_report(member)
        assert file.waiting() == {member.structure_id: 1}

        page = desk.get(f"{LIST}{member.structure.uuid}/").content.decode()
        assert f"/gestion/defectueux/{report.uuid}/" in page

    def test_what_waits_is_a_link_on_the_structures_page(
        self, desk: Client, structure: Structure
    ) -> None:
        to_countersign(structure)

        page = desk.get(f"{LIST}{structure.uuid}/").content.decode()
        assert "La convention signée est à contresigner" in page


def waiting_report(member: Any) -> FaultyReport:
    """Report a number that no other can replace: the stock is empty."""
    from shop.ordering import baskets  # noqa: PLC0415
    from shop.ordering.services import place_order, preview  # noqa: PLC0415

    factories.lot("monde", factories.codes(1))
    baskets.add(by=member, upc="monde", quantity=1)
    basket = baskets.get_or_open(member)
    seen = preview(member, basket).digest
    order = place_order(by=member, key=basket.key, seen=seen)
    codes = RechargeCode.objects.filter(order_line__order=order.pk)
    code = show(by=member.user, codes=codes, where="order")[0].code
    return report_faulty(by=member, code=code.uuid, symptom="used")


class TestCost:
    @pytest.mark.parametrize("count", [1, 30])
    def test_the_list_costs_the_same(
        self,
        desk: Client,
        referent: User,
        count: int,
        django_assert_num_queries: Callable[[int], Any],
    ) -> None:
        for number in range(count):
            to_countersign(place(f"S{number}", referent))
        desk.get(LIST)

        with django_assert_num_queries(QUERIES):
            assert len(shown(desk)) == count

    @pytest.mark.parametrize("count", [1, 8])
    def test_a_page_costs_the_same(
        self,
        desk: Client,
        structure: Structure,
        count: int,
        django_assert_num_queries: Callable[[int], Any],
    ) -> None:
        for number in range(count):
            factories.MembershipFactory(structure=structure)
            factories.quota(structure, "monde", 20, used=number)
            desk.post(f"{LIST}{structure.uuid}/note/", {"text": "Note"})
        desk.get(f"{LIST}{structure.uuid}/")

        with django_assert_num_queries(32):
            assert desk.get(f"{LIST}{structure.uuid}/").status_code == 200


class TestExport:
    def test_the_list_is_exported_without_formulas(self, desk: Client, referent: User) -> None:
        place("=2+2", referent)
        answer: Any = desk.get(LIST, {"export": "csv"})

        assert b"'=2+2;" in b"".join(answer.streaming_content)
