"""Calendar files (RFC 5545) and what calendars are to do with them (RFC 5546)."""

from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.utils import timezone
from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vRecur,
    vText,
)

from portal.outbox.mail import Attachment
from portal.training.models import Registration, TrainingSession

PARIS: Final = "Europe/Paris"
REQUEST: Final = "REQUEST"
CANCEL: Final = "CANCEL"


def write(registration: Registration) -> bytes:
    """Return the file of one registration as it stands: an invitation, or its withdrawal.

    The UID stays the registration's; SEQUENCE grows with each change that was announced, and
    once more when it is cancelled, so that a calendar takes the newest whatever arrives first.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Emmaüs Connect//L’Espace Recharges//FR")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", _method(registration))
    calendar.add_component(_paris())
    calendar.add_component(_event(registration))
    content: bytes = calendar.to_ical()
    return content


def attach(registration: Registration) -> Attachment:
    """Return the file as an e-mail carries it: calendars read the method from the part's type."""
    method = _method(registration)
    parameters = {"method": method, "charset": "UTF-8", "component": "VEVENT"}
    return Attachment("seance.ics", "text/calendar", write(registration), parameters)


def _method(registration: Registration) -> str:
    gone = (
        registration.state != Registration.State.REGISTERED
        or registration.session.state == TrainingSession.State.CANCELLED
    )
    return CANCEL if gone else REQUEST


def _event(registration: Registration) -> Event:
    session = registration.session
    event = Event()
    event.add("uid", f"{registration.uuid}@espace-recharges")
    event.add("sequence", registration.sequence)
    event.add("dtstamp", timezone.now().replace(microsecond=0))
    # In Europe/Paris, whose rule stands in the file.
    event.add("dtstart", timezone.localtime(session.starts_at))
    event.add("dtend", timezone.localtime(session.ends_at))
    event.add("summary", session.title)
    event.add("description", _description(session))
    event.add("location", session.video_link)
    event.add("url", session.video_link)
    event.add("organizer", _person(*parseaddr(settings.DEFAULT_FROM_EMAIL)))
    guest = _person(registration.person, registration.address)
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText("ACCEPTED")
    guest.params["RSVP"] = vText("FALSE")
    event.add("attendee", guest)
    event.add("status", "CANCELLED" if _method(registration) == CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event


def _description(session: TrainingSession) -> str:
    lines = [
        f"{session.get_kind_display()}, avec {session.trainer}.",
        f"Pour rejoindre la séance\u00a0: {session.video_link}",
        session.description,
    ]
    return "\n\n".join(line.replace("\r\n", "\n") for line in lines if line)


def _person(name: str, address: str) -> vCalAddress:
    """Return somebody; a quotation mark cannot stand in a parameter (RFC 5545, 3.2)."""
    person = vCalAddress(f"mailto:{address}")
    person.params["CN"] = vText(name.replace('"', "’"))
    return person


def _paris() -> Timezone:
    """Return Europe/Paris: summer time from the last Sunday of March to October's (2000/84/EC).

    A rule by hand: what icalendar draws from Python's tables lists every change since 1970, an
    hour late in spring.
    """
    zone = Timezone()
    zone.add("tzid", PARIS)
    changes = (
        (TimezoneDaylight, "CEST", "+0100", "+0200", "19700329T020000", 3),
        (TimezoneStandard, "CET", "+0200", "+0100", "19701025T030000", 10),
    )
    for kind, name, before, after, start, month in changes:
        change = kind()
        change.add("tzname", name)
        change.add("tzoffsetfrom", before, encode=False)
        change.add("tzoffsetto", after, encode=False)
        change.add("dtstart", start, encode=False)
        change.add("rrule", vRecur(FREQ="YEARLY", BYMONTH=month, BYDAY="-1SU"))
        zone.add_component(change)
    return zone
