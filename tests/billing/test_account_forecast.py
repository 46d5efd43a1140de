"""The month in progress: its page, the dashboard's panel, and an order's link to its invoice."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from portal.structures.desk import Panel
from portal.ui.templatetags.french import date
from portal.ui.text import format_euros
from shop.billing.desk import invoices as panel_of
from shop.handovers.months import following, this_month
from tests import factories
from tests.billing import papers, world
from tests.billing.papers import HOME
from tests.shop import books
from tests.shop.conftest import Counter, counter, text

__all__ = ("text",)
pytestmark = pytest.mark.django_db
Words = Callable[[Any], str]
MONTH = f"{HOME}mois-en-cours/"
#: The user, their memberships and the basket; then the one query of the forecast.
PAGE = 4


@pytest.fixture
def lead() -> Counter:
    """The lead of a structure that may be billed, logged in."""
    world.seller()
    world.stock(monde=20, illimite_france=9)
    return counter(world.customer())


def test_the_month_so_far_by_person_and_by_product_and_when_its_invoice_comes(
    lead: Counter, text: Words
) -> None:
    factories.quota(lead.member.structure, "monde", 1)
    books.order(lead.member, monde=3)
    books.order(factories.MembershipFactory(structure=lead.member.structure), illimite_france=1)

    found = lead.get(MONTH)
    said = text(found)
    last_day = following(this_month()) - dt.timedelta(days=1)
    for words in (
        f"{format_euros('16.00')} à payer, pour le moment",
        "1 article gratuit ",
        f"Ce montant peut encore changer jusqu’au {date(last_day, 'j F Y')}",
        f"au début du mois suivant ({date(following(this_month()), 'F Y')})",
    ):
        assert words in said, words
    assert [(one.name, one.paid, one.free, one.total) for one in found.context["products"]] == [
        ("Illimité France", 1, 0, Decimal("6.00")),
        ("Monde", 2, 1, Decimal("10.00")),
    ]
    assert sorted(one.total for one in found.context["members"]) == [6, 10]


def test_a_free_month_and_an_empty_one_say_that_no_invoice_comes(
    lead: Counter, text: Words
) -> None:
    assert "n’a rien commandé ce mois-ci" in text(lead.get(MONTH))
    factories.quota(lead.member.structure, "monde", 1)
    books.order(lead.member, monde=1)
    said = text(lead.get(MONTH))
    assert ("il n’y aura pas de facture" in said, "peut encore changer" in said) == (True, False)


@pytest.mark.parametrize("orders", [1, 3])
def test_the_month_costs_one_query_whatever_was_ordered(
    lead: Counter, orders: int, django_assert_num_queries: Any
) -> None:
    for _ in range(orders):
        books.order(lead.member, monde=1, illimite_france=1)
    lead.get(MONTH)
    with django_assert_num_queries(PAGE):
        assert lead.get(MONTH).context["whole"].paid == 2 * orders


def test_the_leads_dashboard_says_what_is_owed_and_what_the_month_costs(
    lead: Counter, text: Words, django_assert_num_queries: Any
) -> None:
    assert panel_of(lead.member) == Panel()
    papers.invoice(lead.member, 3, monde=2)
    books.order(lead.member, illimite_france=1)

    said = text(lead.get("/mon-compte/"))
    for words in (
        f"{format_euros('10.00')} à payer, sur vos factures",
        f"{format_euros('6.00')} ce mois-ci, pour le moment",
        f"1 facture en retard\u00a0: {format_euros('10.00')} à payer",
    ):
        assert words in said, words
    with django_assert_num_queries(2):
        panel_of(lead.member)


def test_who_does_not_lead_sees_no_amount_and_nothing_is_asked(
    lead: Counter, django_assert_num_queries: Any
) -> None:
    papers.invoice(lead.member, 3, monde=2)
    member = factories.MembershipFactory(structure=lead.member.structure)
    with django_assert_num_queries(0):
        assert panel_of(member) == Panel()


def test_an_orders_page_leads_to_its_invoice(lead: Counter) -> None:
    placed = world.ordered(lead.member, monde=1)
    member = counter(factories.MembershipFactory(structure=lead.member.structure))

    def linked(who: Counter) -> list[bool]:
        page = who.get(f"/commande/{placed.uuid}/").content.decode()
        return [f'href="{HOME}{one.uuid}/"' in page for one in made]

    made: list[Any] = []
    assert "Facture 20" not in lead.get(f"/commande/{placed.uuid}/").content.decode()
    made.append(papers.issued(papers.month(1)))
    made.append(papers.credit(made[0]))
    assert (linked(lead), linked(member)) == ([True, True], [False, False])
