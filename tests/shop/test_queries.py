"""Pages of the shop cost the same number of queries whatever they hold."""

from collections.abc import Callable

import pytest
from oscar.core.loading import get_model

from shop.ordering.models import PlacedOrder
from tests import factories
from tests.shop.conftest import Counter

Product = get_model("catalogue", "Product")
UPCS = ("monde", "monde-economique", "internet-mobile-8-go")

# Of each: the user, their memberships and the basket's count in the header are 3.
CATALOGUE = 6
BASKET = 7
ORDER = 13
ORDERS = 5
CODES = 6
DASHBOARD = 12

Assert = Callable[[int], object]


@pytest.fixture(params=[1, 3])
def rows(request: pytest.FixtureRequest, partner: Counter) -> int:
    """A number of products on sale, each with its quota and its stock."""
    count: int = request.param
    Product.objects.exclude(upc__in=UPCS[:count]).update(is_public=False)
    for start, upc in enumerate(UPCS[:count]):
        factories.quota(partner.member.structure, upc, count)
        factories.lot(upc, factories.codes(5, start=10 * start))
    return count


def fill(partner: Counter, rows: int) -> None:
    for upc in UPCS[:rows]:
        partner.add(upc, 1 if rows == 1 else 2)


def assert_cost(partner: Counter, path: str, queries: int, check: Assert) -> None:
    """Read a page twice and count the second time, when the caches of the process are full."""
    partner.get(path)
    with check(queries):  # type: ignore[attr-defined]
        assert partner.get(path).status_code == 200


def test_catalogue(partner: Counter, rows: int, django_assert_num_queries: Assert) -> None:
    assert_cost(partner, "/offre-solidaire/", CATALOGUE, django_assert_num_queries)


def test_basket(partner: Counter, rows: int, django_assert_num_queries: Assert) -> None:
    fill(partner, rows)
    assert_cost(partner, "/panier/", BASKET, django_assert_num_queries)


def test_order(partner: Counter, rows: int, django_assert_num_queries: Assert) -> None:
    placed = partner.order(**{upc.replace("-", "_"): rows for upc in UPCS[:rows]})
    assert_cost(partner, f"/commande/{placed.uuid}/", ORDER, django_assert_num_queries)


def test_orders(partner: Counter, rows: int, django_assert_num_queries: Assert) -> None:
    for _ in range(rows):
        partner.order(monde=1)
    assert PlacedOrder.objects.count() == rows
    assert_cost(partner, "/mon-compte/commandes/", ORDERS, django_assert_num_queries)


def test_codes(partner: Counter, rows: int, django_assert_num_queries: Assert) -> None:
    for upc in UPCS[:rows]:
        partner.order(**{upc.replace("-", "_"): 1})
    assert_cost(partner, "/mon-compte/recharges/", CODES, django_assert_num_queries)


def test_dashboard(partner: Counter, rows: int, django_assert_num_queries: Assert) -> None:
    for _ in range(rows):
        partner.order(monde=1)
    assert_cost(partner, "/mon-compte/", DASHBOARD, django_assert_num_queries)
