"""What one person may receive: by month under the convention, by period under a quota."""

import datetime as dt
import threading
import time
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from portal.structures.models import Agreement, Membership
from shop.handovers import services
from shop.handovers.limits import LimitReached
from shop.handovers.models import HandOver
from shop.handovers.units import PayerRefused
from shop.recharges.models import RechargeCode
from tests import factories
from tests.handovers.conftest import Payer, limit, note, order, sold

PARIS = timezone.get_default_timezone()


@pytest.fixture
def november() -> Iterator[None]:
    """Let it be 10 November 2026, noon."""
    with time_machine.travel(dt.datetime(2026, 11, 10, 12, tzinfo=PARIS), tick=False):
        yield


@pytest.mark.usefixtures("november")
def test_beyond_the_conventions_limit_the_sentence_says_when_the_next_is_possible(
    member: Membership,
) -> None:
    limit(member, by_month=2)
    codes = order(member, quantity=3)
    for code in codes[:2]:
        sold(member, code)

    with pytest.raises(LimitReached) as refused:
        sold(member, codes[2], "DOSSIER  12")

    assert refused.value.message == (
        "Cette personne a déjà reçu 2\u00a0recharges en novembre (limite de votre "
        "convention\u00a0: 2). La prochaine sera possible le 1er\u00a0décembre."
    )
    assert HandOver.objects.count() == 2
    assert sold(member, codes[2], "Dossier 13").reference == "Dossier 13"


@pytest.mark.parametrize(("day", "month"), [(1, 12), (30, 11)])
def test_the_month_is_that_of_the_hand_over(member: Membership, day: int, month: int) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 28, 12, tzinfo=PARIS), tick=False):
        limit(member, by_month=1)
        first, second = order(member, quantity=2)
        sold(member, first)
    with time_machine.travel(dt.datetime(2026, month, day, 23, 59, tzinfo=PARIS), tick=False):
        if month == 12:
            assert sold(member, second).handed_on == dt.date(2026, 12, 1)
        else:
            with pytest.raises(LimitReached):
                sold(member, second)


def test_a_day_of_last_year_is_named_with_its_year(member: Membership) -> None:
    with time_machine.travel(dt.datetime(2026, 12, 30, 12, tzinfo=PARIS), tick=False):
        limit(member, by_month=1)
        first, second = order(member, quantity=2)
        sold(member, first)
        day = factories.today()
    with (
        time_machine.travel(dt.datetime(2027, 1, 3, 12, tzinfo=PARIS), tick=False),
        pytest.raises(LimitReached, match=r"en décembre.2026 .* le 1er.janvier\."),
    ):
        sold(member, second, handed_on=day)


def test_without_a_limit_nothing_is_counted(member: Membership) -> None:
    for code in order(member, quantity=4):
        sold(member, code)

    assert HandOver.objects.count() == 4


def test_the_limit_is_that_of_the_convention_in_force(member: Membership) -> None:
    limit(member, by_month=1)
    Agreement.objects.update(renews_tacitly=False, ends_on=factories.today() - dt.timedelta(days=1))
    codes = order_under_a_new_agreement(member, limit_per_person=2)

    for code in codes[:2]:
        sold(member, code)
    with pytest.raises(LimitReached, match="convention\u00a0: 2"):
        sold(member, codes[2])


def order_under_a_new_agreement(member: Membership, **fields: int) -> list[RechargeCode]:
    today = factories.today()
    factories.AgreementFactory(structure=member.structure, signed_on=today, **fields)
    return order(member, quantity=3)


def test_the_same_reference_elsewhere_is_another_person(
    member: Membership, stranger: Membership
) -> None:
    for one in (member, stranger):
        limit(one, by_month=1)
        sold(one, *order(one))

    prints = HandOver.objects.values_list("reference_fingerprint", flat=True)
    assert len(set(prints)) == 2


def test_a_quotas_limit_counts_over_its_whole_period(member: Membership) -> None:
    quota = factories.quota(
        member.structure,
        "monde",
        5,
        limit_per_person=1,
        ends_on=dt.date(factories.today().year + 1, 3, 15),
    )
    codes = order(member, quantity=3)
    note(member, codes[0])

    with pytest.raises(LimitReached) as refused:
        note(member, codes[1])

    assert refused.value.message == (
        "Cette personne a déjà reçu 1\u00a0recharge «\u00a0Monde\u00a0» de votre dotation gratuite "
        f"(limite par personne\u00a0: 1 jusqu’au 15\u00a0mars\u00a0{quota.ends_on.year})."
    )
    assert note(member, codes[1], "Dossier 13").quota == quota


def test_a_paid_number_does_not_count_against_a_quota(member: Membership) -> None:
    factories.quota(member.structure, "monde", 1, limit_per_person=1)
    codes = order(member, quantity=3)

    sold(member, codes[0])
    note(member, codes[1])
    sold(member, codes[2])

    assert HandOver.objects.exclude(quota=None).count() == 1


def test_the_next_quota_serves_who_had_their_part_of_the_first(member: Membership) -> None:
    day = factories.today()
    first, second = (
        factories.quota(
            member.structure,
            "monde",
            2,
            limit_per_person=1,
            ends_on=day + dt.timedelta(days=days),
        )
        for days in (10, 20)
    )
    codes = order(member, quantity=3)

    assert [note(member, code).quota for code in codes[:2]] == [first, second]
    with pytest.raises(LimitReached):
        note(member, codes[2])


def test_a_correction_does_not_count_itself_but_counts_the_others(member: Membership) -> None:
    limit(member, by_month=1)
    first, second = order(member, quantity=2)
    row = sold(member, first, "A1")
    other = sold(member, second, "B2")
    same = {"handed_on": row.handed_on, "paid_by": Payer.BENEFICIARY}

    services.correct(by=member, row=row, reference="a 1", **same)
    with pytest.raises(LimitReached):
        services.correct(by=member, row=other, reference="A1", **same)
    assert [one.reference for one in HandOver.objects.order_by("pk")] == ["a 1", "B2"]


def test_a_removed_hand_over_counts_no_more(member: Membership) -> None:
    limit(member, by_month=1)
    first, second = order(member, quantity=2)
    row = sold(member, first)
    services.remove(by=member, row=row, reason=services.RemovalReason.MISTAKE)

    assert sold(member, second).code == second


def test_several_numbers_at_once_obey_the_limit(member: Membership) -> None:
    limit(member, by_month=2)
    codes = order(member, quantity=3)

    with pytest.raises(LimitReached):
        services.hand_over_together(
            by=member,
            codes=codes,
            reference="A1",
            handed_on=factories.today(),
            paid_by=Payer.STRUCTURE,
        )
    assert HandOver.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_colleagues_at_once_do_not_exceed_the_limit() -> None:
    member = factories.MembershipFactory()
    limit(member, by_month=2)
    codes = order(member, quantity=8)

    outcomes = at_once([lambda code=code: sold(member, code) for code in codes])  # type: ignore[misc]

    assert sorted(outcomes) == ["HandOver"] * 2 + ["LimitReached"] * 6
    assert HandOver.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_colleagues_at_once_do_not_give_more_free_units_than_there_were() -> None:
    member = factories.MembershipFactory()
    factories.quota(member.structure, "monde", 2)
    codes = order(member, quantity=6)

    people = enumerate(codes)
    outcomes = at_once([lambda n=n, code=code: note(member, code, f"A{n}") for n, code in people])  # type: ignore[misc]

    assert sorted(outcomes) == ["HandOver"] * 2 + ["PayerRefused"] * 4


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_colleagues_waits_for_the_first() -> None:
    member = factories.MembershipFactory()
    limit(member, by_month=1)
    first, second = order(member, quantity=2)
    outcomes: list[str] = []
    waiting = threading.Thread(target=attempt, args=(outcomes, lambda: sold(member, second)))

    with transaction.atomic():
        sold(member, first)
        waiting.start()
        waited = wait_for_a_waiting_lock()
        before = list(outcomes)
    waiting.join(timeout=30)

    assert (waited, before, outcomes) == (True, [], ["LimitReached"])


def wait_for_a_waiting_lock() -> bool:
    """Return whether, within ten seconds, somebody waits for an advisory lock of this database."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
                "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.05)
    return False


def attempt(outcomes: list[str], act: object) -> None:
    """Act in a connection of this thread's own, and note what came of it."""
    try:
        outcomes.append(type(act()).__name__)  # type: ignore[operator]
    except (LimitReached, PayerRefused) as error:
        outcomes.append(type(error).__name__)
    finally:
        connection.close()


def at_once(acts: list[object]) -> list[str]:
    """Let each act start at the same moment, in its own thread and connection."""
    start, outcomes = threading.Barrier(len(acts)), []  # type: ignore[var-annotated]

    def run(act: object) -> None:
        start.wait(timeout=20)
        attempt(outcomes, act)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes
