"""Meetings open to all: a visitor without an account, from the form to the calendar."""

import datetime as dt
import re

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from portal.outbox.models import JournalEntry
from portal.privacy.models import AuditEntry
from portal.training import links, visitors
from portal.training.models import Registration, TrainingSession
from tests.training.conftest import (
    began,
    calendar_of,
    delivered,
    past_session,
    registered,
    session,
    states,
    subject_of,
)

pytestmark = pytest.mark.django_db

SENT = "Un e-mail est parti à cette adresse."
WHO = {"name": "Ève  Martin", "email": "Eve@Exemple.fr"}
WEBINAR = {"kind": TrainingSession.Kind.WEBINAR}


@pytest.fixture
def made() -> TrainingSession:
    """A webinar."""
    return session(**WEBINAR)


def ask(made: TrainingSession, **fields: str) -> str:
    """Fill the form in and return the words of the answer."""
    answer = Client().post(f"/rendez-vous/{made.uuid}/", WHO | fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def link() -> str:
    """Deliver the one e-mail that waits, and return the path of its link."""
    (message,) = delivered()
    assert calendar_of(message) is None
    text = message.get_payload()[0].get_payload(decode=True).decode()  # type: ignore[union-attr, index]
    found = re.search(r"https?://[^/]+(/rendez-vous/inscription/\S+)", text)
    assert found
    return found[1]


def test_only_the_open_meetings_are_listed(made: TrainingSession) -> None:
    hidden = [session(title="Prise en main"), began(session(**WEBINAR, title="Commencé"))]
    page = Client().get("/rendez-vous/").content.decode()

    assert f"/rendez-vous/{made.uuid}/" in page
    assert [one.title in page for one in (hidden[1],)] == [False]
    assert [Client().get(f"/rendez-vous/{one.uuid}/").status_code for one in hidden] == [404, 404]


def test_a_seat_is_taken_by_the_link_and_its_button(made: TrainingSession) -> None:
    assert SENT in ask(made)
    path = link()
    assert Client().get(path).status_code == 200
    assert states(made) == ["pending"]  # a program that follows links confirms nothing

    page = Client().post(path, {"act": "confirm"}, follow=True).content.decode()
    assert "Votre place est réservée" in page
    one = made.registrations.get()
    assert (one.state, one.name, one.email) == ("registered", "Ève Martin", "eve@exemple.fr")
    (message,) = delivered()
    content = calendar_of(message)
    assert content is not None
    assert b"METHOD:REQUEST" in content
    assert b"mailto:eve@exemple.fr" in content.replace(b"\r\n ", b"")
    assert Client().get(f"{path}agenda/").content.startswith(b"BEGIN:VCALENDAR")


def test_the_place_is_given_back_by_the_same_link() -> None:
    made = session(**WEBINAR, seats=1)
    ask(made)
    path = link()
    Client().post(path, {"act": "confirm"})
    registered(made)
    delivered()
    page = Client().post(path, {"act": "leave"}, follow=True).content.decode()

    assert "Votre inscription est annulée" in page
    assert states(made) == ["cancelled", "registered"]
    assert sorted(subject_of(one)[:11] for one in delivered()) == ["Inscription", "Une place s"]


def test_a_full_meeting_has_a_waiting_list() -> None:
    made = session(**WEBINAR, seats=1)
    registered(made)
    delivered()
    ask(made)
    page = Client().post(link(), {"act": "confirm"}, follow=True).content.decode()

    assert "Vous êtes sur la liste d’attente" in page
    assert states(made) == ["registered", "waiting"]


def test_robots_get_the_same_answer_and_nothing_else(made: TrainingSession) -> None:
    assert SENT in ask(made, website="https://spam.example")
    assert (states(made), delivered()) == ([], [])


def test_asking_again_writes_one_mail_within_ten_minutes_and_tells_nobody_anything(
    made: TrainingSession,
) -> None:
    pages = [SENT in ask(made), SENT in ask(made)]
    path = link()
    Client().post(path, {"act": "confirm"})
    delivered()
    pages.append(SENT in ask(made, email="eve@exemple.fr "))
    assert (pages, delivered()) == ([True] * 3, [])

    cache.clear()
    ask(made)
    assert [subject_of(one)[:16] for one in delivered()] == ["Vous êtes inscri"]
    assert states(made) == ["registered"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "Indiquez votre nom."),
        ({"email": ""}, "Indiquez votre adresse e-mail."),
        ({"email": "eve@"}, "Cette adresse n’est pas complète."),
    ],
)
def test_bad_input_keeps_what_was_typed(
    made: TrainingSession, fields: dict[str, str], sentence: str
) -> None:
    typed = {"name": "Ève", "email": "e@e.fr"} | fields
    answer = Client().post(f"/rendez-vous/{made.uuid}/", typed)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert ("Ève" in page) is ("name" not in fields)
    assert states(made) == []


def test_a_forged_link_opens_nothing(made: TrainingSession) -> None:
    ask(made)
    path = link()
    one = made.registrations.get()
    forged = [f"{path[:-3]}zz/", f"/rendez-vous/inscription/{one.uuid}/", f"{path[:-3]}zz/agenda/"]
    assert [Client().post(one, {"act": "confirm"}).status_code for one in forged] == [404, 404, 405]
    assert states(made) == ["pending"]
    member = registered(made)[0]
    assert Client().get(links.page(member)).status_code == 404  # an account's is not a visitor's


def test_confirming_too_late_says_so(made: TrainingSession) -> None:
    ask(made)
    path = link()
    began(made)
    page = Client().post(path, {"act": "confirm"}, follow=True).content.decode()

    assert "Les inscriptions à cette session sont closes" in page
    assert states(made) == ["pending"]


def test_who_never_confirms_is_forgotten_after_two_days(made: TrainingSession) -> None:
    ask(made)
    path = link()
    assert visitors.purge() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=2, minutes=1)):
        assert visitors.purge() == 1
        assert states(made) == []
        answer = Client().get(path)
        assert (answer.status_code, "plus valable" in answer.content.decode()) == (404, True)


def test_names_are_erased_three_months_after_and_the_count_stays() -> None:
    made = session(**WEBINAR)
    ask(made)
    Client().post(link(), {"act": "confirm"})
    past = past_session()
    kept = registered(made)[0]
    with time_machine.travel(made.ends_at + dt.timedelta(days=89)):
        assert visitors.purge() == 0
    with time_machine.travel(made.ends_at + dt.timedelta(days=91)):
        assert visitors.purge() == 1
        assert visitors.purge() == 0

    one = made.registrations.get(user=None)
    assert (one.state, one.name, one.email, one.email_fingerprint) == ("registered", "", "", "")
    kept.refresh_from_db()
    assert (kept.user is None, past.registrations.count()) == (False, 0)


def test_nothing_in_clear_is_stored(made: TrainingSession) -> None:
    ask(made)
    Client().post(link(), {"act": "confirm"})
    raw = Registration.objects.extra(
        select={"stored": "training_registration.name || training_registration.email"}
    ).get()
    told = [str(one.details) for one in AuditEntry.objects.all()]

    assert "exemple.fr" not in raw.stored.lower()
    assert "martin" not in raw.stored.lower()
    assert [text for text in told if "exemple" in text] == []
    assert JournalEntry.objects.exists()
