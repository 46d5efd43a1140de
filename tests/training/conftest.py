"""Sessions, people, and the e-mails that left."""

import datetime as dt
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.services import deliver_due
from portal.structures.models import Membership
from portal.training import links, seats, sessions, visitors
from portal.training.models import Registration, TrainingSession
from tests import factories
from tests.tickets.conftest import drawing

__all__ = ("drawing",)

LINK = "https://visio.example/salle?a=1&b=2"


def values(**changed: Any) -> dict[str, Any]:
    """Return what a référent types of a session: in ten days, an hour and a half."""
    starts_at = changed.get("starts_at") or timezone.now().replace(
        second=0, microsecond=0
    ) + dt.timedelta(days=10)
    return {
        "kind": TrainingSession.Kind.PLATFORM,
        "title": "Prise en main",
        "starts_at": starts_at,
        "ends_at": starts_at + dt.timedelta(minutes=90),
        "video_link": LINK,
        "seats": 10,
        "trainer": "Karim Haddad",
        "description": "",
        **changed,
    }


def session(*, by: User | None = None, **changed: Any) -> TrainingSession:
    """Plan a session by the real rule."""
    return sessions.plan(
        by=by or factories.UserFactory(role=Role.REFERENT), values=values(**changed)
    )


def past_session(**changed: Any) -> TrainingSession:
    """Return a session that ended yesterday, with nobody in it yet."""
    made = session(**changed)
    TrainingSession.objects.filter(pk=made.pk).update(
        starts_at=timezone.now() - dt.timedelta(days=1),
        ends_at=timezone.now() - dt.timedelta(hours=22),
    )
    made.refresh_from_db()
    return made


def began(made: TrainingSession) -> TrainingSession:
    """Let a session have begun an hour ago."""
    now = timezone.now()
    made.starts_at, made.ends_at = now - dt.timedelta(hours=1), now + dt.timedelta(hours=1)
    made.save(update_fields=["starts_at", "ends_at"])
    return made


def newcomer(**fields: Any) -> Membership:
    """Return a member who is not trained."""
    made: Membership = factories.MembershipFactory(trained_at=None, **fields)
    return made


def registered(made: TrainingSession, count: int = 1) -> list[Registration]:
    """Register that many new people."""
    return [seats.register(by=newcomer().user, session=made) for _ in range(count)]


def states(made: TrainingSession) -> list[str]:
    """Return the states of a session's registrations, in the order of the queue."""
    return list(made.registrations.order_by("pk").values_list("state", flat=True))


def delivered() -> list[Message]:
    """Deliver what waits and return the e-mails as they travel."""
    mail.outbox.clear()
    deliver_due()
    return [message.message() for message in mail.outbox]


def subject_of(message: Message) -> str:
    """Return the subject as people read it."""
    return str(make_header(decode_header(str(message["Subject"]))))


def calendar_of(message: Message) -> bytes | None:
    """Return the calendar file of an e-mail, if it carries one."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return content
    return None


@pytest.fixture
def referent() -> User:
    """A référent."""
    made: User = factories.UserFactory(role=Role.REFERENT)
    return made


def objects(*, by: User, partner: User) -> dict[str, object]:
    """Return what the table of access asks for: a seat of the partner's, a visitor's link."""
    planned = session(by=by)
    webinar = session(by=by, kind=TrainingSession.Kind.WEBINAR)
    visitors.ask(session=webinar, name="Ève Martin", email="eve@access.example")
    visitor = visitors.confirm(webinar.registrations.get())
    return {
        "mon-compte/formation/|uuid": planned.uuid,
        "mon-compte/formation/inscriptions/|uuid": seats.register(by=partner, session=planned).uuid,
        "rendez-vous/|uuid": webinar.uuid,
        "rendez-vous/inscription/|token": links.page(visitor).split("/")[-2],
        "gestion/formations/|uuid": planned.uuid,
        "gestion/formations/|name": "annuler",
        "gestion/formations/|pk": newcomer().pk,
    }
