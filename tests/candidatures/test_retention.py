"""What becomes of a refused or withdrawn candidature: counted for ever, nobody in it for a year."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from portal.accounts.models import User
from portal.candidatures import retention, review, services, tasks
from portal.candidatures.models import (
    ANONYMOUS,
    Candidature,
    CandidatureEvent,
    CandidatureMember,
    Need,
    State,
)
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from portal.privacy.models import AuditEntry
from portal.structures.models import Structure
from tests.candidatures.conftest import EMAIL, SIRET, draft, filled, staff, submitted, words

pytestmark = pytest.mark.django_db
BEGIN = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
#: What `filled` says of people and places, and what a référent wrote.
SAID = (
    *(EMAIL, "omar@maison.example", "Ana", "Costa", "Omar", "Diallo", "+33556123456", SIRET),
    *("Maison des familles", "3 place du Marché", "Bordeaux", "Familles", "2 ordinateurs"),
    "Madame Costa n’a pas répondu.",
)
REASON = SAID[-1]


@contextmanager
def after(**delay: float) -> Iterator[None]:
    with time_machine.travel(BEGIN + dt.timedelta(**delay), tick=False):
        yield


def refused(by: User, email: str = EMAIL, **said: Any) -> Candidature:
    return review.refuse(submitted(email, **said), by=by, reason=REASON)


def withdrawn(email: str) -> Candidature:
    return services.withdraw(submitted(email, structure={"siret": "", "rna": "W332001234"}))


def held() -> str:
    """All that the tables of candidatures hold, as text."""
    models = (Candidature, CandidatureMember, Need, CandidatureEvent)
    return "\n".join(str(row) for one in models for row in one._default_manager.values())


def traces() -> list[tuple[Any, ...]]:
    rows = AuditEntry.objects.filter(action="candidatures.anonymised").order_by("pk")
    return list(rows.values_list("by", "target_type", "target_id", "details"))


def test_a_year_after_its_outcome_nothing_says_who_asked(referent: User) -> None:
    with after(days=0):
        refused(referent)
    before = held()
    with after(days=365, minutes=1):
        tasks.anonymise()

    assert [text for text in SAID if text not in before] == []
    assert [text for text in SAID if text in held()] == []


def test_the_figures_stay(referent: User) -> None:
    with after(days=0):
        made = refused(referent)
    with after(days=366):
        tasks.anonymise()

    kept = Candidature.objects.get()
    assert (kept.name, kept.state, kept.kind, kept.postcode) == (
        ANONYMOUS,
        State.REFUSED,
        "association",
        "33000",
    )
    assert (kept.uuid, kept.submitted_at, kept.promised_on) == (
        made.uuid,
        BEGIN,
        made.promised_on,
    )
    assert (kept.account_manager, kept.is_anonymised) == (referent, True)
    assert list(kept.needs.order_by("upc").values_list("upc", "per_month")) == [
        ("carte-sim", 10),
        ("monde", 10),
    ]
    assert list(kept.events.values_list("now", "by", "reason", "at")) == [
        ("draft", None, "", BEGIN),
        ("submitted", None, "", BEGIN),
        ("refused", referent.pk, "", BEGIN),
    ]


def test_the_delay_begins_with_the_outcome(referent: User) -> None:
    with after(days=0):
        late, early = submitted(), withdrawn("omar@maison.example")
    with after(days=100):
        review.refuse(late, by=referent, reason=REASON)
    seen = []
    for days in (364.9, 365.1, 464.9, 465.1):
        with after(days=days):
            tasks.anonymise()
        names = {one.pk: one.is_anonymised for one in Candidature.objects.all()}
        seen.append((names[early.pk], names[late.pk]))

    assert seen == [(False, False), (True, False), (True, False), (True, True)]


def test_what_is_in_hand_or_accepted_is_not_touched(referent: User) -> None:
    with after(days=0):
        for number, email in enumerate(
            ("a@m.example", "b@m.example", "c@m.example", "d@m.example")
        ):
            rna = {"siret": "", "rna": f"W{number:09}"}
            if number:
                submitted(email, structure=rna)
            else:
                filled(email, structure=rna)
        to_complete, accepted = Candidature.objects.filter(state=State.SUBMITTED)[:2]
        review.ask_to_complete(to_complete, by=referent, reason=REASON)
        review.accept(accepted, by=referent, account_manager=referent)
    before = held()
    with after(days=4000):
        tasks.anonymise()

    assert (held(), traces()) == (before, [])
    assert Structure.objects.get().candidatures.get().state == State.ACCEPTED


def test_each_batch_leaves_its_count_and_its_cut_off(
    referent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    with after(days=0):
        for number in range(3):
            refused(referent, f"n{number}@maison.example")
    with after(days=400):
        done = retention.anonymise()

    before = (BEGIN + dt.timedelta(days=35)).isoformat()
    assert done == 3
    assert traces() == [
        (None, "candidatures.candidature", "", {"count": 2, "before": before}),
        (None, "candidatures.candidature", "", {"count": 1, "before": before}),
    ]


def test_a_replay_does_nothing(referent: User) -> None:
    with after(days=0):
        refused(referent)
    with after(days=366):
        tasks.anonymise()
        once = (held(), traces())
        tasks.anonymise()

    assert (held(), traces()) == once


def test_a_batch_costs_the_same_however_many_it_holds(referent: User) -> None:
    costs = []
    for count in (1, 4):
        with after(days=0):
            for number in range(count):
                refused(referent, f"n{number}@maison.example")
        with (
            after(days=366),
            CaptureQueriesContext(
                connection,
            ) as asked,
        ):
            retention.anonymise()
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_the_delay_is_a_setting(referent: User) -> None:
    with after(days=0):
        refused(referent)
    with after(days=32), override_settings(CANDIDATURES_KEPT=dt.timedelta(days=31)):
        tasks.anonymise()

    assert Candidature.objects.get().is_anonymised is True


@pytest.mark.parametrize(("days", "starts"), [(30, False), (31, True), (731, True), (732, False)])
def test_for_ever_and_not_at_all_are_no_delays(days: int, starts: bool) -> None:
    refusal = pytest.raises(ImproperlyConfigured, match="between 31 and 731 days")
    kept = override_settings(CANDIDATURES_KEPT=dt.timedelta(days=days))
    with kept, nullcontext() if starts else refusal:
        apps.get_app_config("candidatures").ready()


def test_it_runs_every_night() -> None:
    schedules: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    nightly = [one for one in schedules.values() if one["task"] == tasks.anonymise.name]

    assert [(one["schedule"].hour, one["schedule"].minute) for one in nightly] == [({3}, {35})]


def test_a_message_that_is_sent_again_afterwards_goes_to_nobody(referent: User) -> None:
    with after(days=0):
        refused(referent)
        deliver_due()
    with after(days=366):
        tasks.anonymise()
        OutboxMessage.objects.update(delivered_at=None)
        mail.outbox.clear()
        deliver_due()

    assert (mail.outbox, OutboxMessage.objects.filter(delivered_at=None).count()) == ([], 0)


def test_a_structure_that_asks_again_is_new(referent: User) -> None:
    with after(days=0):
        refused(referent)
    with after(days=366):
        tasks.anonymise()
        again = submitted()

    assert again.state == State.SUBMITTED
    assert draft().pk > again.pk


def test_a_referent_reads_that_it_was_forgotten(referent: User) -> None:
    with after(days=0):
        made = refused(referent)
    with after(days=366):
        tasks.anonymise()
        browser = staff(referent)
        page = words(browser.get(f"/gestion/candidatures/{made.uuid}/"))
        listed = words(browser.get("/gestion/candidatures/toutes/"))

    said = ("de cette candidature ont été effacés", "33000", "10 par mois", "Refusée")
    assert [text for text in said if text not in page] == []
    assert [
        text for text in ("Personne d’autre", "Adresse de suivi", "Aucun ") if text in page
    ] == []
    assert ANONYMOUS in listed
