"""Any history of orders, cancellations and replacements: the bills are the paid lines, to the cent.

A model of a few sums is told the same story as the shop. Each step happens in some month; months
end one after the other, and their runs are opened, opened again and issued.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.structures.models import Membership
from shop.billing import issuing, runs
from shop.billing.models import Invoice
from shop.billing.reconcile import gaps
from shop.handovers.months import following, previous
from shop.ordering.models import PlacedOrder
from tests import factories
from tests.billing import world
from tests.concurrency.buyers import ROUNDS
from tests.shop.books import report_one

PRICES = {"monde": Decimal("5.00"), "illimite_france": Decimal("6.00")}
MONTHS = 5  # before the one in progress: the stories of the last ones end there
Which = st.integers(0, 30)


@dataclass
class Kept:
    """An order as the model knows it, and the month in which it was cancelled."""

    placed: PlacedOrder
    structure: int
    month: dt.date
    paid: Decimal
    touched: bool = False
    cancelled: dt.date | None = None


@dataclass
class Scene:
    """Who every example starts with; each example ends by rolling back to it."""

    members: list[Membership]
    by: Any


@dataclass
class Model:
    """The orders, what is free, and the months that are issued."""

    month: dt.date
    free: dict[int, int]
    orders: list[Kept] = field(default_factory=list)
    issued: list[dt.date] = field(default_factory=list)


class Ledger(RuleBasedStateMachine):
    """The shop, its bills and the model, side by side."""

    scene: Scene

    def __init__(self) -> None:
        super().__init__()
        first = world.last_month()
        for _ in range(MONTHS - 1):
            first = previous(first)
        self.model = Model(first, {one.structure_id: 2 for one in self.scene.members})
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @property
    def now(self) -> dt.datetime:
        return world.noon(self.model.month, 15)

    @rule(who=Which, monde=st.integers(0, 3), illimite=st.integers(0, 2))
    def order(self, who: int, monde: int, illimite: int) -> None:
        if not monde + illimite:
            return
        member = self.scene.members[who % len(self.scene.members)]
        wanted = {"monde": monde, "illimite_france": illimite}
        placed = world.ordered(
            member, at=self.now, **{upc: units for upc, units in wanted.items() if units}
        )
        free = min(monde, self.model.free[member.structure_id])
        self.model.free[member.structure_id] -= free
        paid = (monde - free) * PRICES["monde"] + illimite * PRICES["illimite_france"]
        self.model.orders.append(Kept(placed, member.structure_id, self.model.month, paid))
        assert placed.free_units == free

    @precondition(lambda self: self.model.orders)
    @rule(which=Which)
    def cancel(self, which: int) -> None:
        kept = self.model.orders[which % len(self.model.orders)]
        if kept.touched or kept.cancelled:
            return
        world.cancelled(kept.placed, at=self.now)
        kept.cancelled = self.model.month
        self.model.free[kept.structure] += kept.placed.free_units

    @precondition(lambda self: self.model.orders)
    @rule(which=Which)
    def replace(self, which: int) -> None:
        kept = self.model.orders[which % len(self.model.orders)]
        if kept.cancelled:
            return
        member = next(one for one in self.scene.members if one.structure_id == kept.structure)
        report_one(member, kept.placed)
        kept.touched = True

    @precondition(lambda self: self.model.month <= world.last_month())
    @rule(again=st.booleans())
    def end_the_month(self, again: bool) -> None:
        month, self.model.month = self.model.month, following(self.model.month)
        run = world.opened(month)
        if again:
            before = world.snapshot()
            world.opened(month)
            assert world.snapshot() == before
        if runs.review(run).drafts:
            issuing.issue_run(run, by=self.scene.by)
            world.drain()
        self.model.issued.append(month)

    @rule(which=Which)
    def open_an_issued_month_again(self, which: int) -> None:
        if self.model.issued:
            before = world.snapshot()
            world.opened(self.model.issued[which % len(self.model.issued)])
            assert world.snapshot() == before

    @invariant()
    def bills_are_paid_lines(self) -> None:
        due: dict[int, Decimal] = defaultdict(Decimal)
        for kept in self.model.orders:
            gone = kept.cancelled in self.model.issued or kept.cancelled == kept.month
            if kept.month in self.model.issued and not gone:
                due[kept.structure] += kept.paid
        billed: dict[int, Decimal] = defaultdict(Decimal)
        rows = Invoice.objects.issued().order_by().values_list("structure", "kind")
        for structure, kind, total in rows.annotate(sum=Sum("total")):
            billed[structure] += -total if kind == "credit_note" else total
        assert {k: v for k, v in billed.items() if v} == {k: v for k, v in due.items() if v}

    @invariant()
    def the_books_agree(self) -> None:
        assert gaps() == []


@pytest.mark.django_db
def test_any_history_bills_its_paid_lines(settings: Any) -> None:
    settings.RECHARGES_DAILY_REPLACEMENTS = 1000
    world.seller()
    world.stock(monde=400, illimite_france=400)
    members = [world.customer() for _ in range(2)]
    for one in members:
        factories.quota(one.structure, "monde", 2)

    class Told(Ledger):
        scene = Scene(members, world.manager())

    run_state_machine_as_test(Told, settings=PROFILE)


PROFILE = settings(
    max_examples=4 * ROUNDS,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
