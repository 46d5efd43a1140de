"""Calendar files, read by a parser and line by line."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from portal.accounts.models import User
from portal.training import calendar, seats, sessions
from portal.training.models import Registration
from tests.training.conftest import LINK, calendar_of, delivered, registered, session, values

PARIS = ZoneInfo("Europe/Paris")
#: RFC 5545, 3.1: a name, parameters, a colon, a value. Values hold no control character.
LINE = re.compile(
    r'[A-Z0-9-]+(;[A-Z0-9-]+=("[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*))*:[^\x00-\x08\x0a-\x1f]*'
)
#: 3.6.1: what a VEVENT has once, or once at most.
ONCE = ("UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "STATUS")

pytestmark = pytest.mark.django_db


def unfolded(content: bytes) -> list[str]:
    """Check the file's lines as RFC 5545 wants them, and return them whole."""
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    for line in content.split(b"\r\n"):
        line.decode()  # no character is cut in two
    lines = content.decode().replace("\r\n ", "").split("\r\n")[:-1]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return lines


def event(content: bytes) -> Any:
    """Return the one event that a parser reads."""
    parsed = Calendar.from_ical(content)
    assert parsed.errors == []
    (found,) = parsed.walk("VEVENT")
    assert found.errors == []
    return found


def facts(content: bytes) -> tuple[str, str, int, str]:
    """Return method, UID, SEQUENCE and STATUS."""
    parsed, found = Calendar.from_ical(content), event(content)
    return str(parsed["METHOD"]), str(found["UID"]), found["SEQUENCE"], str(found["STATUS"])


@pytest.fixture
def one() -> Registration:
    """Somebody with a seat, in a session whose words try the format."""
    starts_at = dt.datetime(2027, 3, 30, 14, 0, tzinfo=PARIS)
    made = session(
        title="Prise en main, l’été\u00a0; « à fond »: " + "é" * 90,
        starts_at=starts_at,
        description="Une ligne.\r\nUne autre\\ avec; des, signes\n" + "ç" * 200,
        trainer='Karim "K" Haddad',
    )
    return registered(made)[0]


def test_the_file_says_what_the_session_is(one: Registration) -> None:
    content = calendar.write(one)
    lines, found = unfolded(content), event(content)

    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines.count("BEGIN:VTIMEZONE") == lines.count("BEGIN:VEVENT") == 1
    within = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    names = [re.split("[:;]", line)[0] for line in within]
    assert {name: names.count(name) for name in ONCE} == dict.fromkeys(ONCE, 1)
    assert "DTSTART;TZID=Europe/Paris:20270330T140000" in lines
    assert found["DTSTART"].dt == one.session.starts_at
    assert found["DTEND"].dt == one.session.ends_at
    assert str(found["SUMMARY"]) == one.session.title
    assert one.session.description.replace("\r\n", "\n") in str(found["DESCRIPTION"])
    assert (str(found["URL"]), str(found["LOCATION"])) == (LINK, LINK)
    assert str(found["ORGANIZER"]) == "mailto:relaisnumeriques@emmaus-connect.org"
    assert str(found["ATTENDEE"]) == f"mailto:{one.user.email}"
    assert found["DTSTAMP"].dt.utcoffset() == dt.timedelta()


def test_the_time_zone_of_the_file_is_that_of_paris(one: Registration) -> None:
    (zone,) = Calendar.from_ical(calendar.write(one)).walk("VTIMEZONE")
    theirs = zone.to_tz()
    hours = [
        dt.datetime(2026, 1, 1) + dt.timedelta(hours=hour)  # noqa: DTZ001  (of either zone)
        for hour in range(0, 24 * 365 * 6, 5)
    ]

    assert [h for h in hours if theirs.utcoffset(h) != h.replace(tzinfo=PARIS).utcoffset()] == []


def test_the_confirmation_carries_the_invitation_as_calendars_want_it(one: Registration) -> None:
    (message,) = delivered()
    (part,) = [p for p in message.walk() if p.get_content_type() == "text/calendar"]

    assert part.get_param("method") == "REQUEST"
    assert part.get_filename() == "seance.ics"
    assert part["Content-Transfer-Encoding"] == "base64"
    content = calendar_of(message)
    assert content is not None
    unfolded(content)
    assert facts(content) == ("REQUEST", f"{one.uuid}@espace-recharges", 0, "CONFIRMED")


def test_a_change_keeps_the_uid_and_raises_the_sequence(one: Registration, referent: User) -> None:
    delivered()
    moved = one.session.starts_at + dt.timedelta(days=7)
    sessions.change(by=referent, session=one.session, values=values(starts_at=moved))
    (message,) = delivered()
    content = calendar_of(message)

    assert content is not None
    assert facts(content) == ("REQUEST", f"{one.uuid}@espace-recharges", 1, "CONFIRMED")
    assert event(content)["DTSTART"].dt == moved


def test_more_seats_are_no_news(one: Registration, referent: User) -> None:
    delivered()
    sessions.change(by=referent, session=one.session, values={"seats": 50})

    assert delivered() == []
    one.session.refresh_from_db()
    assert one.session.sequence == 0


def test_leaving_cancels_the_event(one: Registration) -> None:
    delivered()
    seats.leave(by=one.user, registration=one)
    (message,) = delivered()
    content = calendar_of(message)

    assert content is not None
    unfolded(content)
    assert facts(content) == ("CANCEL", f"{one.uuid}@espace-recharges", 1, "CANCELLED")


def test_a_cancelled_session_cancels_the_event(one: Registration, referent: User) -> None:
    sessions.change(by=referent, session=one.session, values={"video_link": f"{LINK}&c=3"})
    delivered()
    sessions.cancel(by=referent, session=one.session, reason="Le formateur est malade")
    (message,) = delivered()
    content = calendar_of(message)

    assert content is not None
    assert facts(content) == ("CANCEL", f"{one.uuid}@espace-recharges", 2, "CANCELLED")
    assert "Le formateur est malade" in message.as_string() or message.is_multipart()


def test_whoever_waits_gets_no_event() -> None:
    made = session(seats=1)
    registered(made, 2)
    first, second = delivered()

    assert (calendar_of(first) is None, calendar_of(second)) == (False, None)
