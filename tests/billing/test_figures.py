"""The figures: what a month sold, gave, invoiced and waits for, equal to the orders to the cent."""

# ruff: noqa: S608 (statements made of constants)
import datetime as dt
import io
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import settings as profile
from hypothesis.stateful import invariant, run_state_machine_as_test
from pytest_django import DjangoAssertNumQueries

from portal.accounts.roles import Role
from portal.structures.models import Membership
from shop.billing import issuing
from shop.billing.alerts import count_again
from shop.billing.credits import draft_credit_note
from shop.billing.figures.periods import Period
from shop.billing.figures.reading import Figures, Report, read
from shop.billing.figures.reconcile import BOOKS, RULES, check, gaps
from shop.billing.models import Invoice, Payment
from shop.handovers.months import following, previous
from tests import factories
from tests.billing import world
from tests.billing.test_histories import PRICES, PROFILE, Ledger, Scene
from tests.billing.test_reconcile import run as without_triggers
from tests.concurrency.buyers import ROUNDS

pytestmark = pytest.mark.django_db
OCTOBER, SEPTEMBER = dt.date(2026, 10, 1), dt.date(2026, 9, 1)
NOW = dt.datetime(2026, 11, 18, 15, tzinfo=world.PARIS)


def euros(amount: str) -> Decimal:
    return Decimal(amount)


@pytest.fixture
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def customers(now: None) -> tuple[Membership, Membership]:
    """Two structures: one with two free « monde »; September and October, issued in November.

    The first one orders 3 « monde » (2 free) in September, 2 « illimité » and 1 « monde » in
    October, of which a credit note gives 1 « illimité » back; it pays 4 € of the first invoice,
    which is late.
    The second one orders 1 « monde » in October, and another one that it cancels; it orders in
    November too.
    """
    world.seller()
    world.stock(monde=20, illimite_france=20)
    by = world.manager()
    lille, lyon = world.customer(name="CCAS de Lille"), world.customer(name="=Lyon")
    factories.quota(lille.structure, "monde", 2)
    world.ordered(lille, at=world.noon(SEPTEMBER), monde=3)
    world.ordered(lille, at=world.noon(OCTOBER), monde=1, illimite_france=2)
    world.ordered(lyon, at=world.noon(OCTOBER), monde=1)
    world.cancelled(world.ordered(lyon, at=world.noon(OCTOBER), illimite_france=1))
    world.ordered(lyon, at=world.noon(following(OCTOBER)), monde=2)
    with time_machine.travel(dt.datetime(2026, 10, 5, 9, tzinfo=world.PARIS), tick=False):
        issuing.issue_run(world.opened(SEPTEMBER), by=by)
        world.drain()
    issuing.issue_run(world.opened(OCTOBER), by=by)
    world.drain()
    first = Invoice.objects.get(structure=lille.structure, month=SEPTEMBER)
    Payment.objects.create(
        invoice=first, amount=euros("4.00"), received_on=dt.date(2026, 11, 2), by=by
    )
    second = Invoice.objects.invoices().get(structure=lille.structure, month=OCTOBER)
    line = second.lines.get(upc="illimite-france")
    note = draft_credit_note(
        by=by, invoice=second.uuid, quantities={line.pk: 1}, reason="Geste", key=uuid.uuid4()
    )
    issuing.issue(note, by=by)
    return lille, lyon


SEPTEMBER_LILLE = Figures(
    *(1, 2, euros("5.00"), euros("10.00"), euros("5.00"), euros("0.00")),
    *(euros("1.00"), euros("1.00")),
)
OCTOBER_LILLE = Figures(
    *(3, 0, euros("17.00"), euros("0.00"), euros("17.00"), euros("6.00")),
    *(euros("11.00"), euros("0.00")),
)
OCTOBER_LYON = Figures(
    *(1, 0, euros("5.00"), euros("0.00"), euros("5.00"), euros("0.00")),
    *(euros("5.00"), euros("0.00")),
)


def summed(*figures: Figures) -> Figures:
    """Add figures up, column by column."""
    total = Figures()
    for one in figures:
        for name in vars(total):
            setattr(total, name, getattr(total, name) + getattr(one, name))
    return total


def test_a_month_tells_sales_gifts_bills_and_what_is_left(
    customers: tuple[Membership, Membership],
) -> None:
    lille, lyon = (one.structure_id for one in customers)
    report = read(Period.of(OCTOBER))
    both = summed(OCTOBER_LILLE, OCTOBER_LYON)
    assert report.total == both
    assert report.months == {OCTOBER: both}
    assert report.structures == {lille: OCTOBER_LILLE, lyon: OCTOBER_LYON}
    nothing = euros("0.00")
    assert report.products == {
        "monde": Figures(2, 0, euros("10.00"), nothing, euros("10.00")),
        "illimite-france": Figures(2, 0, euros("12.00"), nothing, euros("12.00"), euros("6.00")),
    }
    assert set(report.titles) == set(report.products)


def test_twelve_months_are_the_sum_of_each(customers: tuple[Membership, Membership]) -> None:
    lille, lyon = (one.structure_id for one in customers)
    november = Figures(2, 0, euros("10.00"))
    report = read(Period.latest())
    assert next(iter(report.months)) == dt.date(2025, 12, 1)
    assert {month: one for month, one in report.months.items() if one} == {
        SEPTEMBER: SEPTEMBER_LILLE,
        OCTOBER: summed(OCTOBER_LILLE, OCTOBER_LYON),
        following(OCTOBER): november,
    }
    assert report.structures == {
        lille: summed(SEPTEMBER_LILLE, OCTOBER_LILLE),
        lyon: summed(OCTOBER_LYON, november),
    }
    assert report.total == summed(*report.months.values()) == summed(*report.structures.values())


def test_what_is_late_is_told_apart_from_the_day_after(
    customers: tuple[Membership, Membership],
) -> None:
    due = Invoice.objects.get(month=SEPTEMBER).due_on
    assert due is not None
    late = []
    for day in (due, due + dt.timedelta(days=1)):
        with time_machine.travel(world.noon(day, day.day), tick=False):
            late.append(read(Period.of(SEPTEMBER)).total.late)
    assert late == [euros("0.00"), euros("1.00")]


def test_an_empty_period_has_its_months_and_nothing_else(now: None) -> None:
    report = read(Period.of(OCTOBER))
    assert report == Report(Period.of(OCTOBER), months={OCTOBER: Figures()})


def test_figures_are_read_in_three_statements(
    customers: tuple[Membership, Membership], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        read(Period.latest())


def test_a_price_edited_afterwards_changes_nothing(
    customers: tuple[Membership, Membership],
) -> None:
    before = read(Period.latest())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE partner_stockrecord SET price = price + 1")
        assert cursor.rowcount > 0
    assert read(Period.latest()) == before


#: What raw SQL could do to the tables that have no triggers, and the rules that notice.
A_LINE = "(SELECT min(id) FROM order_line WHERE line_price_incl_tax > 0)"
BREAKS = {
    "an order's line costs a cent more": (
        {"turnover", "given", "lines", "balance"},
        f"UPDATE order_line SET line_price_incl_tax = line_price_incl_tax + 0.01 WHERE id={A_LINE}",
    ),
    "what free units would have cost changes": (
        {"given"},
        "UPDATE order_line SET line_price_before_discounts_incl_tax ="
        f" line_price_before_discounts_incl_tax + 0.01 WHERE id = {A_LINE}",
    ),
    "a quota gave more": (
        {"turnover", "given"},
        "UPDATE quotas_quotause SET quantity = quantity + 1",
    ),
    "an order moves to another month": (
        {"invoiced", "balance"},
        "UPDATE ordering_placedorder SET placed_at = placed_at - interval '1 month'"
        " WHERE order_id = (SELECT min(order_id) FROM ordering_placedorder)",
    ),
    "a unit price changes": (
        {"turnover", "invoiced", "credited"},
        "UPDATE order_line SET unit_price_incl_tax = unit_price_incl_tax + 1"
        " WHERE upc = 'illimite-france'",
    ),
}


def test_books_that_the_services_wrote_are_right(customers: tuple[Membership, Membership]) -> None:
    assert gaps() == []
    out = io.StringIO()
    call_command("reconcile_bills", stdout=out)
    said = [line for line in out.getvalue().splitlines() if line]
    assert [line.split()[:2] for line in said] == [["ok", name] for name in BOOKS]


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_figure_is_found(customers: tuple[Membership, Membership], name: str) -> None:
    rules, statement = BREAKS[name]
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0
    assert {gap.rule for gap in gaps()} == rules


def test_a_gap_says_where_it_is(customers: tuple[Membership, Membership]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BREAKS["an order's line costs a cent more"][1])
    lille = customers[0].structure_id
    assert [(gap.subject, gap.expected, gap.found) for gap in check("turnover")] == [
        ("en tout", "37.00", "37.01"),
        ("produit monde", "25.00", "25.01"),
        (f"structure n°{lille}", "22.00", "22.01"),
        ("mois 2026-09", "5.00", "5.01"),
    ]


def test_what_is_left_is_counted_again(customers: tuple[Membership, Membership]) -> None:
    without_triggers("UPDATE billing_invoice SET total = total + 1 WHERE kind = 'credit_note'")
    (gap,) = check("unpaid")
    assert gap.subject == f"structure n°{customers[0].structure_id}, mois 2026-10"
    assert (gap.expected, gap.found) == ("11.00 dont 0.00", "10.00 dont 0.00")


def test_the_night_counts_the_figures_too(customers: tuple[Membership, Membership]) -> None:
    factories.UserFactory(role=Role.ADMINISTRATOR)
    assert count_again(night=NOW.date()) == {}
    with connection.cursor() as cursor:
        cursor.execute(BREAKS["a quota gave more"][1])
    assert count_again(night=NOW.date()) == {"turnover": 4, "given": 4}
    mail.outbox.clear()
    world.drain()
    (message,) = mail.outbox
    for name in ("turnover", "given"):
        assert f"- {RULES[name].says} 4 écarts." in str(message.body).splitlines()


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len(BOOKS) == len(set(BOOKS) - set(RULES)) + len(RULES)
    assert max(map(len, BOOKS)) < 14


#: The same histories run without the figures, too (`test_histories`).
FEWER = profile(PROFILE, max_examples=2 * ROUNDS)


class Counted(Ledger):
    """The histories of the bills, with the figures of the same orders beside."""

    def _expected(self) -> dict[dt.date, tuple[Decimal, Decimal]]:
        """Return what is sold and given by month, from the model alone."""
        found: dict[dt.date, tuple[Decimal, Decimal]] = {}
        for kept in self.model.orders:
            if not kept.cancelled:
                paid, given = found.get(kept.month, (euros("0.00"), euros("0.00")))
                free = kept.placed.free_units * PRICES["monde"]
                found[kept.month] = (paid + kept.paid, given + free)
        return {month: pair for month, pair in found.items() if any(pair)}

    @invariant()
    def figures_are_the_orders(self) -> None:
        report = read(Period.year_to(self.model.month))
        told = {month: (one.turnover, one.given) for month, one in report.months.items()}
        assert {month: pair for month, pair in told.items() if any(pair)} == self._expected()
        structures = report.structures.values()
        for name in vars(Figures()):
            total: Any = getattr(report.total, name)
            assert total == sum(getattr(one, name) for one in report.months.values())
            assert total == sum(getattr(one, name) for one in structures)
            if name not in ("left", "late"):
                assert total == sum(getattr(one, name) for one in report.products.values())
        # Of a month that is issued, bills less credit notes are its sales, unless an order was
        # cancelled in a month that is not issued yet.
        waits = any(
            kept.cancelled and kept.cancelled not in self.model.issued for kept in self.model.orders
        )
        for month in () if waits else self.model.issued:
            one = report.months[month]
            assert one.invoiced - one.credited == one.turnover
            assert one.left == one.turnover

    @invariant()
    def the_books_agree(self) -> None:
        assert gaps() == []


def test_any_history_has_the_figures_of_its_orders(settings: Any) -> None:
    settings.RECHARGES_DAILY_REPLACEMENTS = 1000
    world.seller()
    world.stock(monde=400, illimite_france=400)
    members = [world.customer() for _ in range(2)]
    for one in members:
        factories.quota(one.structure, "monde", 2)

    class Told(Counted):
        scene = Scene(members, world.manager())

    with transaction.atomic():
        run_state_machine_as_test(Told, settings=FEWER)


def test_periods_are_whole_months(now: None) -> None:
    period = Period.latest()
    assert (period.first, period.last) == (dt.date(2025, 12, 1), dt.date(2026, 11, 1))
    assert len(period.months) == 12
    assert previous(period.first) not in period
    assert period.name == "de décembre\u00a02025 à novembre\u00a02026"
