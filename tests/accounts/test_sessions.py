"""Staff sessions end, partners' do not; other sessions can be closed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from portal.accounts.models import User
from portal.accounts.tasks import clear_sessions
from tests.accounts.conftest import is_logged_in, log_in

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAGE = "/mon-compte/details/"


def test_idle_staff_logs_in_again_and_comes_back(editor: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = log_in(editor.email)
        assert is_logged_in(client)
        clock.move_to(NOON + timedelta(minutes=30))
        assert is_logged_in(client)
        clock.move_to(NOON + timedelta(minutes=60, seconds=1))
        response = client.get(PAGE)
        assert response["Location"] == "/connexion/?fin=1&next=%2Fmon-compte%2Fdetails%2F"
        text = client.get(response["Location"]).content.decode()
        assert "Votre session a pris fin" in text
        assert not is_logged_in(client)


def test_busy_staff_is_out_after_twelve_hours(editor: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = log_in(editor.email)
        answers = []
        for minutes in range(0, 12 * 60 + 20, 20):
            clock.move_to(NOON + timedelta(minutes=minutes))
            answers.append(is_logged_in(client))
        clock.move_to(NOON + timedelta(hours=12, minutes=1))
        assert (set(answers), is_logged_in(client)) == ({True}, False)


def test_partner_stays_logged_in(partner: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = log_in(partner.email)
        clock.move_to(NOON + timedelta(days=3))
        assert is_logged_in(client)


def test_page_left_open_does_not_keep_a_session_alive(editor: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = log_in(editor.email)
        client.get(PAGE)
        for minutes in range(5, 35, 5):
            clock.move_to(NOON + timedelta(minutes=minutes))
            client.get("/gestion/editing-sessions/ping/wagtailcore/page/1/1/")
        clock.move_to(NOON + timedelta(minutes=30, seconds=1))
        assert not is_logged_in(client)


def test_time_of_the_last_request_is_written_once_a_minute(editor: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = log_in(editor.email)
        client.get(PAGE)
        seen = []
        for seconds in (10, 59, 60, 90, 120):
            clock.move_to(NOON + timedelta(seconds=seconds))
            client.get(PAGE)
            seen.append(client.session["staff_seen"] - NOON.timestamp())
    assert seen == [0, 0, 60, 60, 120]


def test_closing_other_sessions_kills_them(partner: User) -> None:
    here, there = log_in(partner.email), log_in(partner.email)
    page = here.get("/mon-compte/sessions/").content.decode()
    assert (page.count("Cet appareil"), page.count('class="card"')) == (1, 2)
    assert is_logged_in(there)
    here.post("/mon-compte/sessions/")
    assert (is_logged_in(here), is_logged_in(there)) == (True, False)
    dead = there.session.session_key
    assert Session.objects.filter(session_key=dead).count() == 0
    assert UserSession.objects.filter(user=partner).count() == 1


def test_sessions_of_others_are_left_alone(partner: User, editor: User) -> None:
    mine, theirs = log_in(partner.email), log_in(editor.email)
    mine.post("/mon-compte/sessions/")
    assert is_logged_in(theirs)


def test_browser_is_named_in_words(partner: User) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    client = log_in(partner.email, client=Client(headers={"user-agent": agent}))
    assert "Firefox sur Windows" in client.get("/mon-compte/sessions/").content.decode()


def test_expired_sessions_are_forgotten(partner: User) -> None:
    with time_machine.travel(NOON - timedelta(days=40), tick=False):
        log_in(partner.email)
    with time_machine.travel(NOON, tick=False):
        client = log_in(partner.email)
        clear_sessions()
        assert Session.objects.count() == 1
        assert UserSession.objects.count() == 1
        assert is_logged_in(client)
