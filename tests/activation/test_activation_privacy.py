"""Canaries: a beneficiary's data are nowhere in clear but where they must be."""

import io
import json
import logging
import uuid

import pytest
import structlog
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from activation.models import PERSONAL, ActivationRequest
from activation.states import State
from portal.outbox.models import OutboxMessage
from portal.outbox.services import deliver_due
from tests.activation import factories
from tests.activation.test_activation_pages import logged_in

pytestmark = pytest.mark.django_db

NUMBER, LINE = "0612345678", "0755667788"
TYPED = {
    "last_name": "Canarinette",
    "first_name": "Plumejaune",
    "birth_department": "99",
    "birth_country": "Volièrie",
    "contact_phone": NUMBER,
    "current_number": NUMBER,
    "portability": "oui",
}
REASON = "Motifcanari"


def columns(table: str) -> str:
    """Return every row of a table as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")  # noqa: S608
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.fixture
def canaries() -> list[str]:
    """Return what must not be found."""
    return ["Canarinette", "Plumejaune", "Volièrie", "1985-12-04", REASON, NUMBER[1:], LINE[1:]]


@pytest.fixture
def logs() -> io.StringIO:
    """Return what every log writes, from the lowest level up."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def walk(client: Client, staff: Client, rio: str, card: str) -> ActivationRequest:
    """Send a request, have it corrected, send it again, and activate it."""
    typed = factories.typed(**TYPED, rio=rio, iccid=card)
    client.post(reverse("activation:check", args=["rio"]), typed)
    client.post(reverse("activation:new"), {**typed, "rio": "01PEROY4P4TS"})
    client.post(reverse("activation:new"), typed)
    request = ActivationRequest.objects.get()
    for name in ("prendre", "corriger"):
        address = reverse("activations:action", args=[request.uuid, name])
        staff.post(address, {"reason": REASON})
        deliver_due()
    client.get(reverse("activation:correct", args=[request.uuid]))
    client.post(
        reverse("activation:correct", args=[request.uuid]), {**typed, "key": str(uuid.uuid4())}
    )
    for name in ("prendre", "activer"):
        staff.get(reverse("activations:detail", args=[request.uuid]))
        staff.post(reverse("activations:action", args=[request.uuid, name]), {"line_number": LINE})
    deliver_due()
    return ActivationRequest.objects.get()


def test_personal_data_are_in_no_table_log_payload_or_email(
    canaries: list[str], logs: io.StringIO
) -> None:
    structure = factories.structure()
    rio, card = factories.rio_of(NUMBER), factories.card()
    client = logged_in(factories.member(structure))
    staff = logged_in(factories.operator())
    structlog.get_logger("espace.tests").info("witness")
    request = walk(client, staff, rio, card)
    assert request.state == State.ACTIVATED
    assert (request.last_name, request.line_number) == ("Canarinette", "+33755667788")
    tables = ("activation_activationrequest", "activation_activationevent", "outbox_journalentry")
    tables += ("outbox_outboxmessage", "privacy_auditentry", "django_session")
    found = {table: columns(table) for table in tables}
    found["e-mails"] = "\n".join(f"{one.subject} {one.message()}" for one in mail.outbox)
    found["payloads"] = json.dumps(list(OutboxMessage.objects.values_list("payload", flat=True)))
    found["logs"] = logs.getvalue()
    assert ("witness" in found["logs"], len(mail.outbox)) == (True, 2)
    secrets = [*canaries, rio, card]
    assert {
        place: hits
        for place, text in found.items()
        if (hits := [secret for secret in secrets if secret in text])
    } == {}


def test_every_personal_column_is_encrypted_in_the_database() -> None:
    request = factories.request(
        State.ACTIVATED,
        birth_department="99",
        birth_country="Mali",
        rio=factories.rio_of(NUMBER),
    )
    row = json.loads(columns("activation_activationrequest"))
    filled = [name for name in PERSONAL if getattr(request, name)]
    assert sorted(set(PERSONAL) - set(filled)) == ["reason"]
    assert [row[name][:5] for name in filled] == ["gAAAA"] * len(filled)


def test_an_application_shows_nothing_of_itself() -> None:
    assert "Canarinette" not in repr(factories.application(last_name="Canarinette"))
