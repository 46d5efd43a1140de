"""How a basket divides into free and paid."""

import dataclasses
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.quotas.split import Draw, Pool, Split, Wanted
from shop.quotas.split import split as split_by_pools

MONDE = Wanted(
    line_id=1,
    product_id=7,
    upc="monde",
    title="Monde",
    quantity=3,
    unit_price=Decimal("5.00"),
    kind="code",
    quota_only=False,
    order_limit=20,
)
GIFT = dataclasses.replace(
    MONDE,
    line_id=2,
    product_id=8,
    upc="gift",
    title="Recharge exceptionnelle gratuite",
    unit_price=Decimal("0.00"),
    quota_only=True,
)

wanted_lines = st.lists(
    st.builds(
        Wanted,
        line_id=st.integers(1, 10_000),
        product_id=st.integers(1, 4),
        upc=st.just("x"),
        title=st.just("X"),
        quantity=st.integers(1, 200),
        unit_price=st.decimals(0, 100, places=2),
        kind=st.just("code"),
        quota_only=st.booleans(),
        order_limit=st.integers(1, 300),
    ),
    max_size=6,
)
pools = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 100), st.none() | st.integers(1, 3)), max_size=12
)

#: Product, units left, offer.
Rows = list[tuple[int, int, int | None]]


def by_product(rows: Rows) -> dict[int, list[Pool]]:
    """Turn (product, units left, offer) into pools; their keys are their places, from 0."""
    found: dict[int, list[Pool]] = {}
    for place, (product_id, left, offer_id) in enumerate(rows):
        found.setdefault(product_id, []).append(Pool(place, left, offer_id))
    return found


def split(wanted: list[Wanted], left: dict[int, int]) -> Split:
    """Divide with one quota a product, as most structures have."""
    return split_by_pools(wanted, by_product([(one, units, None) for one, units in left.items()]))


def wants(line: Wanted = MONDE, **changes: object) -> Wanted:
    return dataclasses.replace(line, **changes)


@pytest.mark.parametrize(
    ("quantity", "left", "free", "due"),
    [
        (3, 0, 0, "15.00"),
        (3, 1, 1, "10.00"),
        (3, 2, 2, "5.00"),
        (3, 3, 3, "0.00"),
        (3, 4, 3, "0.00"),
        (1, 20, 1, "0.00"),
        (20, 1, 1, "95.00"),
    ],
)
def test_units_within_the_quota_are_free_and_the_others_paid(
    quantity: int, left: int, free: int, due: str
) -> None:
    parts = split([wants(quantity=quantity)], {7: left})

    assert [line.free for line in parts.lines] == [free]
    assert parts.due == Decimal(due)
    assert parts.free_value == (Decimal("5.00") * quantity) - Decimal(due)
    assert (parts.units, parts.free_units, parts.obstacles) == (quantity, free, [])


def test_a_quota_of_another_product_pays_nothing() -> None:
    assert split([MONDE], {8: 10}).due == Decimal("15.00")


def test_two_lines_of_one_product_share_its_quota() -> None:
    parts = split([wants(quantity=3), wants(line_id=2, quantity=3)], {7: 4})

    assert [line.free for line in parts.lines] == [3, 1]
    assert parts.due == Decimal("10.00")


def test_an_empty_basket_is_worth_nothing() -> None:
    parts = split([], {7: 4})

    assert (parts.units, parts.due, parts.free_units, parts.obstacles) == (0, Decimal("0"), 0, [])


def test_what_exists_on_a_quota_only_cannot_go_beyond_it() -> None:
    parts = split([GIFT], {8: 2})

    assert parts.lines[0].beyond_quota == 1
    assert parts.obstacles == [
        "«\u00a0Recharge exceptionnelle gratuite\u00a0» n’existe que dans la dotation "
        "gratuite\u00a0: il vous en reste 2. Réduisez la quantité."
    ]


def test_what_exists_on_a_quota_only_cannot_be_had_without_one() -> None:
    assert split([GIFT], {}).obstacles == [
        "«\u00a0Recharge exceptionnelle gratuite\u00a0» n’existe que dans la dotation "
        "gratuite\u00a0: votre structure n’en a plus. Retirez-le du panier."
    ]


def test_more_than_an_order_may_hold_is_an_obstacle() -> None:
    assert split([wants(quantity=21)], {7: 50}).obstacles == [
        "«\u00a0Monde\u00a0»\u00a0: 20 au plus par commande. Réduisez la quantité."
    ]
    assert split([wants(quantity=20)], {7: 50}).obstacles == []


def test_the_digest_is_the_same_for_the_same_sight() -> None:
    assert split([MONDE, GIFT], {7: 1, 8: 3}).digest == split([GIFT, MONDE], {7: 1, 8: 3}).digest
    assert len(split([MONDE], {}).digest) == 32


@pytest.mark.parametrize(
    "other",
    [
        split([wants(quantity=4)], {7: 1}),
        split([MONDE], {7: 2}),
        split([wants(unit_price=Decimal("5.01"))], {7: 1}),
        split([wants(product_id=9)], {9: 1}),
        split([MONDE, GIFT], {7: 1}),
        split([], {7: 1}),
    ],
    ids=["quantity", "free units", "price", "product", "one more line", "emptied"],
)
def test_the_digest_changes_with_what_is_seen(other: Split) -> None:
    assert other.digest != split([MONDE], {7: 1}).digest


def test_the_first_pool_is_emptied_before_the_next() -> None:
    first, second = Pool(1, 2, offer_id=None), Pool(2, 5, offer_id=9)

    parts = split_by_pools([wants(quantity=4), wants(line_id=2, quantity=4)], {7: [first, second]})

    assert [line.draws for line in parts.lines] == [
        (Draw(1, None, 2), Draw(2, 9, 2)),
        (Draw(2, 9, 3),),
    ]
    assert [line.by_offer for line in parts.lines] == [{None: 2, 9: 2}, {9: 3}]
    assert [line.value_by(9) for line in parts.lines] == [Decimal("10.00"), Decimal("15.00")]
    assert parts.offers == {None, 9}


def test_an_offer_that_saves_nothing_is_not_named() -> None:
    assert split_by_pools([GIFT], {8: [Pool(1, 3, offer_id=9)]}).offers == set()


@given(wanted_lines, pools)
def test_no_product_gets_more_free_units_than_are_left(wanted: list[Wanted], rows: Rows) -> None:
    parts = split_by_pools(wanted, by_product(rows))
    left = Counter[int]()
    for product_id, units, _ in rows:
        left[product_id] += units

    for product_id in {line.product_id for line in wanted}:
        mine = [line for line in parts.lines if line.wanted.product_id == product_id]
        asked = sum(line.wanted.quantity for line in mine)
        assert sum(line.free for line in mine) == min(asked, left[product_id])


@given(wanted_lines, pools)
def test_free_and_due_add_up_to_the_full_price_to_the_cent(
    wanted: list[Wanted], rows: Rows
) -> None:
    parts = split_by_pools(wanted, by_product(rows))

    full = sum((line.quantity * line.unit_price for line in wanted), Decimal("0.00"))
    assert parts.due + parts.free_value == full
    assert parts.free_units + sum(line.paid for line in parts.lines) == parts.units
    assert all(0 <= line.free <= line.wanted.quantity for line in parts.lines)
    assert [line.wanted for line in parts.lines] == wanted
    assert parts.due.as_tuple().exponent == -2


@given(wanted_lines, pools)
def test_no_obstacle_means_within_limits_and_quotas(wanted: list[Wanted], rows: Rows) -> None:
    parts = split_by_pools(wanted, by_product(rows))

    within = all(
        line.wanted.quantity <= line.wanted.order_limit
        and (not line.wanted.quota_only or line.free == line.wanted.quantity)
        for line in parts.lines
    )
    assert (not parts.obstacles) == within


@given(wanted_lines, pools)
def test_each_free_unit_comes_from_one_pool_in_order(wanted: list[Wanted], rows: Rows) -> None:
    parts = split_by_pools(wanted, by_product(rows))

    drawn = Counter[int]()
    for line in parts.lines:
        for one in line.draws:
            product_id, _, offer_id = rows[one.quota_id]
            assert (one.offer_id, line.wanted.product_id) == (offer_id, product_id)
            assert one.units >= 1
            drawn[one.quota_id] += one.units
        assert sum(line.by_offer.values()) == line.free
        assert sum(map(line.value_by, line.by_offer)) == line.free_value
    assert drawn.total() == parts.free_units
    for place, (product_id, units, _) in enumerate(rows):
        assert drawn[place] <= units
        later = [other for other, row in enumerate(rows) if row[0] == product_id and other > place]
        if any(drawn[other] for other in later):
            assert drawn[place] == units


@given(wanted_lines, pools)
def test_which_offer_pays_is_not_what_the_buyer_sees(wanted: list[Wanted], rows: Rows) -> None:
    plain = [(product_id, units, None) for product_id, units, _ in rows]

    seen = split_by_pools(wanted, by_product(rows)).digest
    assert seen == split_by_pools(wanted, by_product(plain)).digest
