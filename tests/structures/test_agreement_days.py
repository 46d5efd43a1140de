"""Days: periods and their renewal, reminders on a moved clock, the end, and what orders need."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail

from portal.outbox.services import deliver_due
from portal.structures.agreements.ending import close_what_is_over
from portal.structures.models import (
    Agreement,
    AgreementReminder,
    Amendment,
    Membership,
    Period,
    Structure,
    StructureEvent,
)
from portal.structures.services import OrderingClosed, ordering_obstacles
from portal.structures.tasks import watch_agreements
from shop.ordering import baskets
from shop.ordering.services import place_order, preview
from tests import factories
from tests.structures import agreements as papers

day = dt.date
START, END = day(2026, 1, 1), day(2026, 12, 31)


def noon(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(11), dt.UTC)


def agreement(**fields: Any) -> Agreement:
    """Return a convention of 2026 in force, of a structure that has a lead and a référent."""
    lead = papers.candidate(state=Structure.State.ACTIVE, name="CCAS de Lormont")
    dates = {"signed_on": START, "starts_on": START, "ends_on": END}
    made: Agreement = factories.AgreementFactory(structure=lead.structure, **(dates | fields))
    return made


def remind(on: dt.date) -> list[tuple[str, str]]:
    """Run the night of a day; return who got which subject."""
    mail.outbox.clear()
    with time_machine.travel(noon(on), tick=False):
        watch_agreements()
        while deliver_due():
            pass
    return [(one.to[0], one.subject.partition(" : ")[2]) for one in mail.outbox]


def people(one: Agreement) -> tuple[str, str]:
    lead = one.structure.memberships.get(is_structure_lead=True).user
    manager = one.structure.account_manager
    assert manager is not None
    return lead.email, manager.email


@pytest.mark.parametrize(
    ("on", "period"),
    [
        (day(2025, 12, 1), Period(START, END)),
        (START, Period(START, END)),
        (END, Period(START, END)),
        (day(2027, 1, 1), Period(day(2027, 1, 1), day(2027, 12, 31))),
        (day(2029, 12, 31), Period(day(2029, 1, 1), day(2029, 12, 31))),
    ],
)
def test_a_tacit_convention_renews_year_after_year(on: dt.date, period: Period) -> None:
    one = Agreement(starts_on=START, ends_on=END, state=Agreement.State.IN_FORCE)

    assert one.current_period(on) == period


def test_a_year_that_ends_on_29_february_ends_on_the_28th_of_the_next() -> None:
    one = Agreement(starts_on=day(2023, 3, 1), ends_on=day(2024, 2, 29), state="in_force")

    assert one.current_period(day(2024, 3, 1)) == Period(day(2024, 3, 1), day(2025, 2, 28))
    assert one.current_period(day(2028, 2, 29)) == Period(day(2027, 3, 1), day(2028, 2, 29))


@pytest.mark.parametrize("fields", [{"renews_tacitly": False}, {"state": "denounced"}])
def test_one_that_stops_keeps_its_last_day(fields: dict[str, Any]) -> None:
    one = Agreement(**({"starts_on": START, "ends_on": END, "state": "in_force"} | fields))

    assert one.current_period(day(2030, 1, 1)) == Period(START, END)
    assert (one.in_force(END), one.in_force(day(2027, 1, 1))) == (True, False)


@pytest.mark.parametrize("state", ["draft", "to_sign", "signed", "ended"])
def test_only_what_is_countersigned_binds(state: str) -> None:
    assert not Agreement(starts_on=START, ends_on=END, state=state).in_force(START)


@pytest.mark.django_db
def test_reminders_leave_at_60_30_and_7_days_and_once_each() -> None:
    one = agreement()
    told = {}
    for left in range(62, -3, -1):
        sent = remind(END - dt.timedelta(days=left))
        if sent:
            told[left] = sent

    lead, manager = people(one)
    subject = "La convention : reconduction après le 31 décembre 2026"
    assert told == {left: [(lead, subject), (manager, subject)] for left in (60, 30, 7)}
    assert one.current_period(day(2027, 1, 1)).ends_on == day(2027, 12, 31)


@pytest.mark.django_db
def test_the_next_year_is_reminded_of_too() -> None:
    agreement()

    first = remind(END - dt.timedelta(days=60))
    second = remind(day(2027, 12, 31) - dt.timedelta(days=60))

    assert (len(first), len(second), AgreementReminder.objects.count()) == (2, 2, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "subject", "sentence"),
    [
        ({}, "reconduction après le 31 décembre 2026", "sera reconduite pour un an, sauf dénon"),
        ({"renews_tacitly": False}, "fin le 31 décembre 2026", "La convention expire le 31"),
        ({"state": "denounced"}, "fin le 31 décembre 2026", "La convention expire le 31"),
    ],
)
def test_a_reminder_says_whether_the_convention_goes_on(
    fields: dict[str, Any], subject: str, sentence: str
) -> None:
    agreement(**fields)

    sent = remind(END - dt.timedelta(days=7))

    assert [one for _, one in sent] == [f"La convention : {subject}"] * 2
    assert sentence in str(mail.outbox[0].body).replace("\u00a0", " ")


@pytest.mark.django_db
def test_nights_without_a_worker_are_caught_up_by_the_last_reminder_only() -> None:
    agreement()

    assert len(remind(END - dt.timedelta(days=5))) == 2
    assert [one.days for one in AgreementReminder.objects.all()] == [7]
    assert remind(END - dt.timedelta(days=4)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("solidarity", "after"),
    [
        (True, "les commandes continuent au prix solidaire"),
        (False, "votre convention ne prévoit plus de commandes"),
    ],
)
def test_the_end_of_an_avenant_is_announced_14_days_before(solidarity: bool, after: str) -> None:
    one = agreement(allows_solidarity_prices=solidarity)
    last = day(2026, 6, 30)
    factories.AmendmentFactory(agreement=one, starts_on=day(2026, 4, 1), ends_on=last)

    early = remind(last - dt.timedelta(days=15))
    told = remind(last - dt.timedelta(days=14))
    body = str(mail.outbox[0].body)
    later = [remind(last - dt.timedelta(days=left)) for left in (13, 0, -1)]

    subject = "L’avenant « Connexion d’urgence » : fin le 30 juin 2026"
    assert (early, later) == ([], [[], [], []])
    assert told == [(person, subject) for person in people(one)]
    assert after in body.replace("\u00a0", " ")


@pytest.mark.django_db
def test_what_is_over_is_noted_by_the_clock_on_the_day_after() -> None:
    stops = agreement(renews_tacitly=False)
    goes_on = agreement()
    last = day(2026, 6, 30)
    avenant = factories.AmendmentFactory(agreement=stops, starts_on=START, ends_on=last)
    closed = []
    for on in (last, last + dt.timedelta(days=1), END, END + dt.timedelta(days=1)):
        with time_machine.travel(noon(on), tick=False):
            closed.append(close_what_is_over())

    assert closed == [0, 1, 0, 1]
    assert Amendment.objects.get(pk=avenant.pk).state == "ended"
    states = Agreement.objects.order_by("pk").values_list("state", flat=True)
    assert (list(states), goes_on.in_force(day(2030, 1, 1))) == (["ended", "in_force"], True)
    rows = StructureEvent.objects.order_by("pk").values_list("subject", "was", "now", "by")
    assert list(rows) == [
        ("avenant", "validated", "ended", None),
        ("convention", "in_force", "ended", None),
    ]


def obstacles(member: Membership, on: dt.date | None = None) -> list[str]:
    member = Membership.objects.select_related("structure").get(pk=member.pk)
    return [one.text.replace("\u00a0", " ") for one in ordering_obstacles(member, on=on)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (None, "Aucune convention n’est en cours pour votre structure."),
        ("draft", "Votre convention est en préparation chez Emmaüs Connect"),
        ("to_sign", "Votre convention n’est pas signée. Le référent de votre structure la tél"),
        ("signed", "Votre convention est signée ; Emmaüs Connect doit encore la contresigner."),
        ("ended", "Votre convention a expiré. Demandez la suivante"),
    ],
)
def test_ordering_says_which_step_of_the_convention_lacks_and_where(
    state: str | None, sentence: str
) -> None:
    member = factories.MembershipFactory(structure=factories.StructureFactory())
    if state:
        factories.AgreementFactory(structure=member.structure, state=state)

    (found,) = obstacles(member)

    assert found.startswith(sentence)
    assert "Mon compte, page « Convention »" in found
    assert found.endswith("Votre panier est conservé.")
    assert [one.href for one in ordering_obstacles(member)] == [papers.PAGE]


@pytest.mark.django_db
def test_a_convention_that_begins_later_says_when() -> None:
    member = factories.MembershipFactory(structure=factories.StructureFactory())
    later = factories.today() + dt.timedelta(days=3)
    factories.AgreementFactory(structure=member.structure, signed_on=later)

    assert obstacles(member)[0].startswith("Votre convention commence le ")
    assert obstacles(member, later) == []


@pytest.mark.django_db
def test_an_expired_convention_refuses_the_order_and_keeps_the_basket() -> None:
    factories.lot("monde", factories.codes(2))
    member = factories.MembershipFactory()
    baskets.add(by=member, upc="monde", quantity=2)
    basket = baskets.get_or_open(member)
    seen = preview(member, basket).digest
    yesterday = factories.today() - dt.timedelta(days=1)
    member.structure.agreements.update(renews_tacitly=False, ends_on=yesterday)

    with pytest.raises(OrderingClosed, match="Votre convention a expiré"):
        place_order(by=member, key=basket.key, seen=seen)
    kept = baskets.count_items(member)
    member.structure.agreements.update(renews_tacitly=True)
    place_order(by=member, key=basket.key, seen=seen)

    assert (kept, baskets.count_items(member)) == (2, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("solidarity", [True, False])
def test_after_its_avenant_a_structure_goes_on_if_its_convention_says_so(solidarity: bool) -> None:
    member = factories.MembershipFactory()
    one = member.structure.agreements.get()
    Agreement.objects.update(allows_solidarity_prices=solidarity)
    avenant = factories.AmendmentFactory(agreement=one)
    after = avenant.ends_on + dt.timedelta(days=1)

    assert obstacles(member, avenant.ends_on) == []
    refused = [text.partition(".")[0] for text in obstacles(member, after)]
    sentence = (
        "Aucun avenant n’est en cours, et votre convention ne prévoit pas de commandes au prix "
        "solidaire"
    )
    assert refused == ([] if solidarity else [sentence])
