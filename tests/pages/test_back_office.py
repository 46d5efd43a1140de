"""Who sees what in the menu, and « Suivi »."""

import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.roles import Role
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.privacy.models import AuditEntry
from tests.pages.people import browser_of

EDITORIAL = {"Pages", "Ressources", "Images", "Documents", "Rapports"}
OURS = EDITORIAL | {"Suivi"}


def menu(client: Client) -> set[str]:
    """Return the labels of the menu, from the data that Wagtail draws it from."""
    html = client.get("/gestion/").content.decode()
    labels = re.findall(r'"label": ("(?:[^"\\]|\\.)*")', html)
    return {json.loads(label) for label in labels}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.EDITOR, EDITORIAL),
        (Role.MODERATOR, EDITORIAL),
        (Role.REFERENT, set()),
        (Role.OPERATOR, set()),
        (Role.ADMINISTRATOR, {"Suivi"}),
    ],
)
def test_the_menu_holds_what_the_role_can_use(db: None, role: Role, expected: set[str]) -> None:
    assert menu(browser_of(role)) & OURS == expected


def test_a_partner_has_no_back_office(db: None) -> None:
    answer = browser_of(Role.PARTNER).get("/gestion/", follow=True)
    assert answer.status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
@pytest.mark.parametrize("address", ["messages-envoyes", "envois", "traces", "envois/1/renvoyer"])
def test_follow_up_is_for_administrators(db: None, role: Role, address: str) -> None:
    answer = browser_of(role).get(f"/gestion/{address}/")
    assert answer.status_code in {302, 403}


def message() -> JournalEntry:
    return JournalEntry.objects.create(
        key="k", channel="sms", recipient="+33612345678", text="Votre ligne est activée."
    )


def test_the_list_of_messages_masks_their_recipients_and_opening_one_is_recorded(db: None) -> None:
    entry, client = message(), browser_of(Role.ADMINISTRATOR)
    listed = client.get("/gestion/messages-envoyes/").content.decode()
    assert [part in listed for part in ("+33…678", "612345", "ligne est")] == [True, False, False]
    assert AuditEntry.objects.filter(action="outbox.journal_viewed").count() == 0
    opened = client.get(f"/gestion/messages-envoyes/{entry.pk}/").content.decode()
    assert "Votre ligne est activée." in opened
    traces = AuditEntry.objects.filter(action="outbox.journal_viewed")
    assert [(row.by.groups.get().name, row.target_id) for row in traces] == [
        ("Administrateur", str(entry.pk))
    ]


def test_a_text_that_was_not_kept_says_so(db: None) -> None:
    entry = JournalEntry.objects.create(key="k", channel="email", recipient="", text="")
    html = browser_of(Role.ADMINISTRATOR).get(f"/gestion/messages-envoyes/{entry.pk}/")
    assert html.content.decode().count("n’est pas conservé sur ce serveur") == 2


def test_a_dead_message_is_sent_again(db: None) -> None:
    dead = OutboxMessage.objects.create(
        topic="accounts.invitation", attempts=8, dead_at=timezone.now()
    )
    alive = OutboxMessage.objects.create(topic="accounts.invitation", delivered_at=timezone.now())
    client = browser_of(Role.ADMINISTRATOR)
    listed = client.get("/gestion/envois/").content.decode()
    found = [f"/gestion/envois/{one.pk}/" in listed for one in (dead, alive)]
    assert found == [True, False]
    assert client.get(f"/gestion/envois/{dead.pk}/renvoyer/").status_code == 200
    answer = client.post(f"/gestion/envois/{dead.pk}/renvoyer/")
    dead.refresh_from_db()
    assert (answer.status_code, dead.dead_at, dead.attempts) == (302, None, 0)
    assert AuditEntry.objects.filter(action="outbox.resent", target_id=str(dead.pk)).count() == 1
    assert client.post(f"/gestion/envois/{dead.pk}/renvoyer/").status_code == 404


@pytest.mark.parametrize(("state", "dead", "waiting"), [("dead", 1, 0), ("waiting", 0, 1)])
def test_waiting_messages_are_filtered_by_state(
    db: None, state: str, dead: int, waiting: int
) -> None:
    OutboxMessage.objects.create(topic="dead.one", dead_at=timezone.now())
    OutboxMessage.objects.create(topic="waiting.one")
    html = browser_of(Role.ADMINISTRATOR).get(f"/gestion/envois/?state={state}").content.decode()
    assert ("dead.one" in html, "waiting.one" in html) == (bool(dead), bool(waiting))


def test_nothing_can_be_added_changed_or_deleted(db: None) -> None:
    entry, client = message(), browser_of(Role.ADMINISTRATOR)
    addresses = [f"{verb}/{entry.pk}/" for verb in ("edit", "delete", "copy", "history", "usage")]
    found = [
        client.get(f"/gestion/messages-envoyes/{one}").status_code for one in ["new/", *addresses]
    ]
    assert found == [404] * 6
