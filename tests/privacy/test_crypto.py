"""Encryption at rest: rotating keys, failing closed; fingerprints that cannot be tried out."""

import hashlib

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from portal.outbox.models import JournalEntry
from portal.privacy.crypto import decrypt, encrypt, fingerprint


def test_text_comes_back_and_no_two_encryptions_are_alike() -> None:
    first, second = encrypt("0123456789"), encrypt("0123456789")

    assert decrypt(first) == decrypt(second) == "0123456789"
    assert first != second
    assert "0123456789" not in first


def test_an_old_key_still_opens_after_a_new_one_was_put_in_front(settings) -> None:  # type: ignore[no-untyped-def]
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old]
    token = encrypt("secret")

    settings.FIELD_KEYS = [new, old]

    assert decrypt(token) == "secret"
    settings.FIELD_KEYS = [new]
    with pytest.raises(InvalidToken):
        decrypt(token)


@pytest.mark.parametrize("keys", [[], ["too-short"]])
def test_bad_keys_are_named(settings, keys: list[str]) -> None:  # type: ignore[no-untyped-def]
    settings.FIELD_KEYS = keys

    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        encrypt("secret")


def test_a_fingerprint_depends_on_the_key_and_on_what_it_is_of(settings) -> None:  # type: ignore[no-untyped-def]
    code = fingerprint("code", "0123456789")

    assert code == fingerprint("code", "0123456789")
    assert code != fingerprint("iccid", "0123456789")
    assert code != hashlib.sha256(b"0123456789").hexdigest()
    settings.FINGERPRINT_KEY = "another"
    assert code != fingerprint("code", "0123456789")


@pytest.mark.django_db
def test_an_encrypted_field_cannot_be_searched_by_value() -> None:
    with pytest.raises(TypeError, match="fingerprint"):
        JournalEntry.objects.filter(text="secret").exists()


@pytest.mark.django_db
def test_only_the_ciphertext_reaches_the_database_and_empty_stays_empty() -> None:
    JournalEntry.objects.create(channel="sms", key="k", recipient="+336", subject="", text="secret")

    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, subject, text FROM outbox_journalentry")
        recipient, subject, text = cursor.fetchone()
    assert (subject, decrypt(recipient), decrypt(text)) == ("", "+336", "secret")
    assert JournalEntry.objects.get().text == "secret"


@pytest.mark.django_db
def test_rows_written_in_bulk_are_encrypted_too() -> None:
    made = JournalEntry.objects.bulk_create(
        JournalEntry(key=str(rank), channel="sms", recipient="", text="") for rank in range(3)
    )
    for rank, row in enumerate(made):
        row.text = f"secret {rank}"
    JournalEntry.objects.bulk_update(made, ["text", "recipient"], batch_size=2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, recipient FROM outbox_journalentry ORDER BY id")
        stored = cursor.fetchall()
    assert [(text[:5], recipient) for text, recipient in stored] == [("gAAAA", "")] * 3
    texts = JournalEntry.objects.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["secret 0", "secret 1", "secret 2"]
