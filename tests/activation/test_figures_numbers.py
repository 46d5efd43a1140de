"""The figures equal a plain computation in Python, over random requests."""

import datetime as dt
import random
import uuid
from collections.abc import Iterable

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from activation import figures
from activation.figures import Figures, Kind, Period, Share
from activation.models import ActivationRequest, ActivationSettings
from activation.rules import delays
from activation.states import HELD, State
from tests.activation import factories

# In UTC: Python subtracts two moments of Paris by the clock on the wall, one hour wrong in autumn.
NOW = dt.datetime(2026, 11, 18, 14, tzinfo=dt.UTC)
STATES = [*State, State.ACTIVATED, State.ACTIVATED, State.ACTIVATED]


def scattered(count: int, seed: int) -> list[ActivationRequest]:
    """Return requests of three structures over ten weeks, in every state, some anonymised."""
    draw = random.Random(seed)
    structures = [factories.structure() for _ in range(3)]
    by, operator = factories.member(structures[0]), factories.operator()
    rows = []
    for number in range(count):
        state = draw.choice(STATES)
        sent = NOW - dt.timedelta(seconds=draw.randrange(70 * 86_400))
        treated = draw.random() < 0.8 and state not in {State.SUBMITTED, State.IN_PROGRESS}
        closed = sent + dt.timedelta(seconds=draw.randrange(1, 6 * 86_400))
        activated = state is State.ACTIVATED
        ported = draw.random() < 0.3
        anonymised = activated and draw.random() < 0.2
        rows.append(
            ActivationRequest(
                structure=draw.choice(structures),
                created_by=by,
                submission_key=uuid.uuid4(),
                state=state,
                taken_by=operator if state in HELD else None,
                iccid_fingerprint=f"card-{number}",
                person_fingerprint="" if anonymised else "person",
                iccid="" if anonymised else "card",
                last_name="" if anonymised else "name",
                first_name="",
                birth_date="",
                birth_department="",
                civility="madame",
                portability=ported,
                current_number="" if anonymised or not ported else "number",
                rio="" if anonymised or not ported else "rio",
                line_number="line" if activated and not anonymised else "",
                reason="why" if state in {State.TO_CORRECT, State.REFUSED} else "",
                submitted_at=sent,
                due_at=sent + dt.timedelta(hours=24),
                expected_at=sent + dt.timedelta(hours=48),
                treated_at=sent + dt.timedelta(hours=draw.randrange(1, 40)) if treated else None,
                closed_at=closed if state in CLOSED else None,
                working_time=delays.working_time(sent, closed) if activated else None,
                anonymised_at=NOW if anonymised else None,
            )
        )
    return ActivationRequest.objects.bulk_create(rows)


CLOSED = {State.ACTIVATED, State.REFUSED, State.CANCELLED}


def percentile(values: list[float], rank: float) -> dt.timedelta | None:
    """Return the continuous percentile, as PostgreSQL defines it."""
    if not values:
        return None
    values = sorted(values)
    place = rank * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return dt.timedelta(seconds=values[below] + (place - below) * (values[above] - values[below]))


def plainly(rows: Iterable[ActivationRequest]) -> Figures:
    """Count with Python alone, with the delays of the domain: 24 h, 48 working hours, 5 days."""
    rows = list(rows)
    activated = [row for row in rows if row.state == State.ACTIVATED]
    spans = [(row.closed_at - row.submitted_at).total_seconds() for row in activated]
    judged = [row for row in rows if row.treated_at or _untreated(row)]
    in_time = [
        row
        for row in judged
        if row.treated_at and row.treated_at - row.submitted_at <= dt.timedelta(hours=24)
    ]
    counted = [row for row in rows if row.state == State.ACTIVATED or _overdue(row)]
    return Figures(
        sent=len(rows),
        activated=len(activated),
        refused=sum(row.state == State.REFUSED for row in rows),
        median=percentile(spans, 0.5),
        slowest=percentile(spans, 0.95),
        treated=Share(len(in_time), len(judged)),
        active=Share(sum(row.working_time <= _limit(row) for row in activated), len(counted)),
    )


def _limit(row: ActivationRequest) -> dt.timedelta:
    return dt.timedelta(hours=48 + (5 * 24 if row.portability else 0))


def _untreated(row: ActivationRequest) -> bool:
    waits = row.state in {State.SUBMITTED, State.IN_PROGRESS}
    return waits and NOW - row.submitted_at >= dt.timedelta(hours=24)


def _overdue(row: ActivationRequest) -> bool:
    at_work = {State.SUBMITTED, State.IN_PROGRESS, State.TRANSMITTED, State.PORTING}
    return row.state in at_work and delays.working_time(row.submitted_at, NOW) > _limit(row)


def assert_same(found: Figures, expected: Figures) -> None:
    """Compare, spans to the microsecond that a float may lose."""
    for name in ("sent", "activated", "refused", "treated", "active"):
        assert (name, getattr(found, name)) == (name, getattr(expected, name))
    for name in ("median", "slowest"):
        mine, other = getattr(found, name), getattr(expected, name)
        assert (name, mine is None) == (name, other is None)
        if mine is not None:
            assert abs(mine - other) <= dt.timedelta(microseconds=2)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_the_figures_equal_a_plain_computation(seed: int) -> None:
    rows = scattered(300, seed)
    with time_machine.travel(NOW, tick=False):
        period = Period.latest(8)
        reports = figures.read(period, settings=ActivationSettings.load())
    inside = [
        row for row in rows if period.first <= timezone.localdate(row.submitted_at) <= period.last
    ]
    assert 0 < len(inside) < len(rows)
    for kind, report in reports.items():
        mine = [row for row in inside if row.portability == (kind is Kind.KEPT)]
        assert_same(report.total, plainly(mine))
        assert list(report.weeks) == period.mondays
        for monday, found in report.weeks.items():
            week = {monday + dt.timedelta(days=day) for day in range(7)}
            sent = [row for row in mine if timezone.localdate(row.submitted_at) in week]
            assert_same(found, plainly(sent))
        for pk, found in report.structures.items():
            assert_same(found, plainly(row for row in mine if row.structure_id == pk))
        assert set(report.structures) == {row.structure_id for row in mine}


@pytest.mark.django_db
def test_one_structure_alone_is_counted_where_it_is_chosen() -> None:
    rows = scattered(60, seed=9)
    chosen = rows[0].structure
    with time_machine.travel(NOW, tick=False):
        reports = figures.read(
            Period.latest(), structure=chosen, settings=ActivationSettings.load()
        )
    sent = sum(report.total.sent for report in reports.values())
    assert sent == sum(row.structure_id == chosen.pk for row in rows)
    found = {pk for report in reports.values() for pk in report.structures}
    assert found == {chosen.pk}


@pytest.mark.django_db
@pytest.mark.parametrize("count", [5, 50])
def test_the_figures_cost_one_query(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scattered(count, seed=count)
    settings = ActivationSettings.load()
    with django_assert_num_queries(1):
        figures.read(Period.latest(), settings=settings)


@pytest.mark.django_db
def test_a_request_of_sunday_night_is_of_that_week_in_paris() -> None:
    # 22 h 30 UTC on a Sunday of summer is already Monday in Paris.
    sent = dt.datetime(2026, 6, 7, 22, 30, tzinfo=dt.UTC)
    with time_machine.travel(sent, tick=False):
        factories.request()
        report = figures.read(Period.latest(2), settings=ActivationSettings.load())[Kind.NEW]
    assert {monday: found.sent for monday, found in report.weeks.items()} == {
        dt.date(2026, 6, 1): 0,
        dt.date(2026, 6, 8): 1,
    }


def test_late_since_is_the_inverse_of_working_hours() -> None:
    monday = dt.datetime(2026, 11, 23, 10, tzinfo=delays.PARIS)
    friday = dt.datetime(2026, 11, 19, 10, tzinfo=delays.PARIS)
    found = figures.late_since(monday, dt.timedelta(hours=48))
    assert abs(found - friday) <= dt.timedelta(microseconds=2)


def test_a_period_is_made_of_whole_weeks() -> None:
    period = Period.around(dt.date(2026, 11, 18), dt.date(2026, 11, 24))
    assert period == Period(dt.date(2026, 11, 16), dt.date(2026, 11, 29))
    assert period.mondays == [dt.date(2026, 11, 16), dt.date(2026, 11, 23)]
