"""A text field encrypted at rest."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact, GreaterThan

from portal.privacy.crypto import decrypt, encrypt


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that only its ciphertext leaves for the database.

    Empty text stays empty. Look-ups by value cannot work (each encryption differs): keep a
    `portal.privacy.crypto.fingerprint` beside the field where one is needed.
    """

    description = "Texte chiffré"

    def from_db_value(self, value: str | None, *args: Any) -> str | None:
        """Decrypt what the database holds."""
        return decrypt(value) if value else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Encrypt what goes to the database.

        ``bulk_update`` wraps its values in an expression, whose values come here one by one.
        """
        if hasattr(value, "as_sql"):
            return value
        text = super().get_prep_value(value)
        return encrypt(text) if text else text

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse every look-up but that of absence.

        Raises:
            TypeError: ``lookup_name`` compares values.
        """
        if lookup_name != "isnull":
            raise TypeError("An encrypted field cannot be searched: use its fingerprint.")
        return super().get_lookup(lookup_name)


def filled(name: str) -> Q:
    """Return the condition that the encrypted column ``name`` holds something."""
    # Its text cannot be compared, but empty text stays empty.
    return Q(GreaterThan(Length(name), 0))


def blank(*names: str) -> Q:
    """Return the condition that the encrypted columns ``names`` hold nothing."""
    empty = Q()
    for name in names:
        empty &= Q(Exact(Length(name), 0))
    return empty
