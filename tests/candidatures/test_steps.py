"""The eight steps, computed from what happened."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from portal.accounts.models import User
from portal.candidatures import review
from portal.outbox.services import deliver_due
from portal.structures.agreements import signing
from portal.structures.models import Membership
from portal.structures.steps import TITLES, US, YOU, Fact, Step, current_step, plan, steps
from tests import factories
from tests.candidatures.conftest import EMAIL, submitted
from tests.structures.agreements import upload

MONDAY = dt.date(2026, 11, 23)
SIGNED = {Fact.SUBMITTED: MONDAY, Fact.ACCEPTED: MONDAY, Fact.TO_SIGN: MONDAY, Fact.SIGNED: MONDAY}


def states(found: list[Step]) -> str:
    return "".join(step.state[0] for step in found)


def now(facts: dict[Fact, dt.date]) -> tuple[int, str, dt.date | None]:
    step = current_step(plan(facts))
    assert step is not None
    return step.number, step.ball, step.promised_on


def test_the_eight_steps_are_the_decks_in_its_order() -> None:
    assert [step.number for step in plan({})] == list(range(1, 9))
    assert states(plan({})) == "ct" + "t" * 6


@pytest.mark.parametrize(
    ("known", "ball", "promised"),
    [
        ({}, YOU, None),
        (
            {Fact.SUBMITTED: MONDAY, Fact.ANSWER_BY: dt.date(2026, 11, 30)},
            US,
            dt.date(2026, 11, 30),
        ),
        ({Fact.SUBMITTED: MONDAY, Fact.ACCEPTED: MONDAY}, US, None),
        ({Fact.SUBMITTED: MONDAY, Fact.ACCEPTED: MONDAY, Fact.TO_SIGN: MONDAY}, YOU, None),
    ],
)
def test_the_first_step_says_who_has_the_ball(
    known: dict[Fact, dt.date], ball: str, promised: dt.date | None
) -> None:
    assert now(known) == (1, ball, promised)


def test_the_account_is_promised_three_working_days_after_the_signature() -> None:
    thursday = {**SIGNED, Fact.SIGNED: dt.date(2026, 12, 24)}  # the eve of Christmas

    assert now(thursday) == (2, US, dt.date(2026, 12, 30))
    assert now({**thursday, Fact.VALIDATED: MONDAY}) == (3, US, dt.date(2026, 12, 30))


def test_the_training_is_promised_ten_working_days_after_the_signature() -> None:
    open_account = {**SIGNED, Fact.VALIDATED: MONDAY, Fact.ACTIVATED: MONDAY}

    assert now(open_account) == (4, YOU, None)
    assert now({**open_account, Fact.REGISTERED: MONDAY}) == (5, YOU, dt.date(2026, 12, 7))


def test_all_is_done_with_the_first_invoice() -> None:
    everything = {fact: MONDAY for fact, _ in TITLES}

    assert states(plan(everything)) == "d" * 8
    assert current_step(plan(everything)) is None


def test_an_account_that_is_open_was_signed_for_and_its_needs_validated() -> None:
    assert states(plan({Fact.ACTIVATED: MONDAY, Fact.TRAINED: MONDAY})) == "ddddd" + "ctt"


def test_a_promise_is_late_the_day_after() -> None:
    waiting = {Fact.SUBMITTED: MONDAY, Fact.ANSWER_BY: dt.date(2026, 11, 30)}
    seen = {}
    for day in ("2026-11-30T22:30:00+01:00", "2026-12-01T00:30:00+01:00"):
        with time_machine.travel(day, tick=False):
            seen[day] = plan(waiting)[0].late

    assert list(seen.values()) == [False, True]


@pytest.mark.django_db
def test_a_partner_who_has_not_ordered_yet_sees_their_steps(client: Any) -> None:
    member: Membership = factories.MembershipFactory()
    factories.product()
    client.force_login(member.user)

    page = client.get("/mon-compte/").content.decode()

    assert page.count('class="journey__step') == 8
    assert "Vos étapes" in page


@pytest.mark.django_db
def test_the_steps_of_a_structure_follow_what_happens_to_it(referent: User) -> None:
    structure = review.accept(submitted(), by=referent, account_manager=referent).structure
    assert structure is not None
    lead = structure.memberships.get(is_structure_lead=True)
    agreement = structure.agreements.get()
    seen = []

    def note() -> None:
        found = steps(structure)
        current = current_step(found)
        seen.append((states(found), current.ball if current else ""))

    note()
    signing.send_to_sign(agreement, by=referent)
    note()
    signing.deposit(agreement, by=lead.user, file=upload())
    note()
    mail.outbox.clear()
    deliver_due()
    mail.outbox.clear()
    signing.countersign(agreement, by=referent)
    note()
    deliver_due()
    Membership.objects.filter(pk=lead.pk).update(trained_at=timezone.now())
    note()

    assert seen == [
        ("cttttttt", US),
        ("cttttttt", YOU),
        ("dctttttt", US),
        ("dddctttt", YOU),
        ("dddddctt", US),
    ]
    invited = {message.to[0] for message in mail.outbox if "mot de passe" in str(message.body)}
    assert invited == {EMAIL, "omar@maison.example"}
