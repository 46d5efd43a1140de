"""Keys that production does not start without: whole, long enough, each for one use alone."""

import base64
import binascii
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

FIELD_KEY = 32  # bytes, as Fernet wants them
FINGERPRINT_KEY = 32  # characters at least


def check(*, field_keys: Sequence[str], fingerprint_key: str, secret_key: str) -> None:
    """Refuse keys that protect less than they promise. No key is quoted.

    Args:
        field_keys: the first encrypts, all decrypt.
        fingerprint_key: keys the fingerprints.
        secret_key: Django's, which sessions and links are signed with.

    Raises:
        ImproperlyConfigured: the variable is named, with what is wrong.
    """
    if not field_keys:
        raise ImproperlyConfigured("FIELD_KEYS holds no key.")
    for rank, key in enumerate(field_keys, start=1):
        if _size(key) != FIELD_KEY:
            raise ImproperlyConfigured(
                f"FIELD_KEYS: key {rank} is not {FIELD_KEY} bytes in url-safe base64."
            )
    if len(set(field_keys)) < len(field_keys):
        raise ImproperlyConfigured("FIELD_KEYS holds the same key twice.")
    if len(fingerprint_key) < FINGERPRINT_KEY:
        raise ImproperlyConfigured(f"FINGERPRINT_KEY is shorter than {FINGERPRINT_KEY} characters.")
    if {secret_key, fingerprint_key} & set(field_keys) or secret_key == fingerprint_key:
        raise ImproperlyConfigured(
            "SECRET_KEY, FIELD_KEYS and FINGERPRINT_KEY must differ: a key has one use alone."
        )


def _size(key: str) -> int:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return 0
