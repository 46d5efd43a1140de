"""E-mails and SMS: sent once a key, kept only where the settings say so."""

import pytest
from django.core import mail
from django.db import connection

from portal.outbox.mail import send_sms
from portal.outbox.models import JournalEntry

pytestmark = pytest.mark.django_db
TO = "+33612345678"


def _raw() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outbox_journalentry")
        return str(cursor.fetchall())


def test_an_sms_is_sent_once_a_key() -> None:
    for _ in range(2):
        send_sms(key="one", to=TO, text="Votre ligne est activée.")

    entry = JournalEntry.objects.get()
    assert (entry.recipient, entry.text) == (TO, "Votre ligne est activée.")


def test_the_journal_is_encrypted_at_rest() -> None:
    send_sms(key="one", to=TO, text="Votre ligne est activée.")

    assert TO not in _raw()
    assert "activée" not in _raw()


def test_the_journal_of_production_keeps_no_text_of_what_a_provider_sent(settings) -> None:  # type: ignore[no-untyped-def]
    settings.OUTBOX_JOURNAL_KEEPS_TEXT = False
    settings.SMS_BACKEND = f"{__name__}.Provider"
    Provider.sent.clear()

    send_sms(key="one", to=TO, text="Votre ligne est activée.")

    entry = JournalEntry.objects.get()
    assert (entry.recipient, entry.text) == ("", "")
    assert Provider.sent == [(TO, "Votre ligne est activée.", "one")]


def test_the_journal_backend_keeps_the_text_because_nothing_else_does(settings) -> None:  # type: ignore[no-untyped-def]
    settings.OUTBOX_JOURNAL_KEEPS_TEXT = False
    settings.SMS_BACKEND = "portal.outbox.sms.JournalSmsBackend"

    send_sms(key="one", to=TO, text="Votre ligne est activée.")

    assert JournalEntry.objects.get().text == "Votre ligne est activée."
    assert mail.outbox == []


class Provider:
    """A provider that takes everything."""

    keeps_text_in_journal = False
    sent: list[tuple[str, str, str]] = []

    def send(self, *, to: str, text: str, key: str) -> None:
        self.sent.append((to, text, key))
