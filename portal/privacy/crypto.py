"""Encryption at rest and keyed fingerprints, with dedicated keys.

Keys come from ``FIELD_KEYS`` (32 bytes, base64 url-safe, as Fernet wants them): the first
encrypts, all decrypt, so that keys rotate by putting a new one in front
(`portal.privacy.rotation` then brings what is stored under it). ``FINGERPRINT_KEY`` keys an
HMAC-SHA-256: a bare hash of 10 digits can be reversed by trying them all.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed


@lru_cache(maxsize=1)
def _fernet() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
    except ValueError as error:
        raise ImproperlyConfigured(
            "FIELD_KEYS must hold at least one key of 32 bytes in url-safe base64."
        ) from error


@lru_cache(maxsize=1)
def _newest() -> Fernet:
    _fernet()  # which names the setting where a key is none
    return Fernet(settings.FIELD_KEYS[0])


def _forget_keys(setting: str, **kwargs: object) -> None:
    if setting == "FIELD_KEYS":
        _fernet.cache_clear()
        _newest.cache_clear()


setting_changed.connect(_forget_keys)


def encrypt(text: str) -> str:
    """Return ``text`` encrypted, as ASCII."""
    return _fernet().encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """Return the text of ``token``.

    Raises:
        cryptography.fernet.InvalidToken: no key opens it; nothing is shown in its stead.
    """
    return _fernet().decrypt(token.encode("ascii")).decode()


def fingerprint(kind: str, text: str) -> str:
    """Return 64 hexadecimal digits that stand for ``text`` in look-ups and constraints.

    Args:
        kind: what it is (``code``, ``iccid``), so that equal texts of two kinds do not match.
        text: the clean form; callers normalise first.

    Raises:
        ImproperlyConfigured: there is no key: anybody could try all the texts.
    """
    if not settings.FINGERPRINT_KEY:
        raise ImproperlyConfigured("FINGERPRINT_KEY must not be empty.")
    message = f"{kind}\0{text}".encode()
    return hmac.new(settings.FINGERPRINT_KEY.encode(), message, hashlib.sha256).hexdigest()


def encrypt_bytes(content: bytes) -> bytes:
    """Return ``content`` encrypted: a file's piece, where `encrypt` is for texts."""
    return _fernet().encrypt(content)


def decrypt_bytes(token: bytes) -> bytes:
    """Return the content of ``token``.

    Raises:
        cryptography.fernet.InvalidToken: no key opens it.
    """
    return _fernet().decrypt(token)


def renewed(token: bytes) -> bytes | None:
    """Return ``token`` under the newest key; None where it is already.

    A token does not say which key made it: the newest one alone is tried first.

    Raises:
        cryptography.fernet.InvalidToken: no key opens it.
    """
    try:
        _newest().decrypt(token)
    except InvalidToken:
        return _fernet().rotate(token)
    return None


def newest_key() -> str:
    """Return what the newest key is called on a terminal: 8 digits of its SHA-256."""
    _newest()
    return hashlib.sha256(base64.urlsafe_b64decode(settings.FIELD_KEYS[0])).hexdigest()[:8]
