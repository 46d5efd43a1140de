"""Fifty operators at the same moment, each on a connection of their own."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from activation import moves, operators, services
from activation.models import ActivationRequest
from activation.states import State
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy.models import AuditEntry
from tests.activation import factories

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 50


def at_once(people: list[User], act: Callable[[User], ActivationRequest | None]) -> list[int]:
    """Let everybody act together; return the keys of what each of them got."""
    start, got, faults = threading.Barrier(len(people)), [], []

    def grab(by: User) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            found = act(by)
            if found:
                got.append(found.pk)
        except moves.MoveRefused:
            pass
        except Exception as error:  # noqa: BLE001  (told below, in the test's own thread)
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=grab, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    return got


def crowd() -> list[User]:
    return [factories.user(Role.OPERATOR) for _ in range(CROWD)]


def requests(count: int) -> list[int]:
    within = factories.structure()
    by = factories.member(within)
    return [factories.request(within=within, by=by).pk for _ in range(count)]


def taken() -> Counter[int | None]:
    return Counter(ActivationRequest.objects.values_list("taken_by", flat=True))


def test_fifty_who_ask_for_the_next_one_get_fifty_different_ones() -> None:
    people, keys = crowd(), requests(CROWD)
    got = at_once(people, lambda by: operators.take_next(by=by))
    assert sorted(got) == keys
    assert taken() == Counter(one.pk for one in people)
    entries = AuditEntry.objects.filter(action="activation.in_progress")
    assert Counter(entries.values_list("by", flat=True)) == taken()


def test_where_fewer_are_free_the_others_get_none() -> None:
    people, keys = crowd(), requests(7)
    got = at_once(people, lambda by: operators.take_next(by=by))
    assert sorted(got) == keys
    assert operators.take_next(by=people[0]) is None


def test_fifty_who_want_the_same_one_make_one_winner() -> None:
    people, (key,) = crowd(), requests(1)
    wanted = ActivationRequest.objects.get(pk=key)
    assert at_once(people, lambda by: services.take(wanted, by=by)) == [key]
    row = ActivationRequest.objects.get(pk=key)
    assert row.state == State.IN_PROGRESS
    assert [event.to for event in row.events.all()] == [State.SUBMITTED, State.IN_PROGRESS]


def test_fifty_who_tick_all_fifty_share_them() -> None:
    people, keys = crowd(), requests(CROWD)
    wanted = list(ActivationRequest.objects.filter(pk__in=keys))
    shares: list[int] = []

    def tick(by: User) -> None:
        outcome = operators.take_each(wanted, by=by)
        shares.extend(row.pk for row in outcome.moved)

    assert at_once(people, tick) == []
    assert sorted(shares) == keys
    assert sum(taken().values()) == CROWD
    assert None not in taken()


def test_those_who_ask_for_the_next_one_and_those_who_point_at_it_never_share_it() -> None:
    people, keys = crowd(), requests(CROWD // 2)
    asking = set(people[::2])
    wanted = iter(ActivationRequest.objects.filter(pk__in=keys))
    pointed = dict(zip(people[1::2], wanted, strict=True))

    def act(by: User) -> ActivationRequest | None:
        if by in asking:
            return operators.take_next(by=by)
        return services.take(pointed[by], by=by)

    got = at_once(people, act)
    assert sorted(got) == keys
    entries = AuditEntry.objects.filter(action="activation.in_progress")
    assert entries.count() == len(keys)
