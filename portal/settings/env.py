"""Read settings from the environment, and name every missing variable at once."""

import os
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict


def text(name: str, default: str = "") -> str:
    """Return the variable ``name``, or ``default`` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return the variable ``name`` as a boolean.

    Raises:
        ImproperlyConfigured: the value is none of 1, 0, true, false, yes, no, on, off.
    """
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is not a boolean: write 1 or 0.")


def integer(name: str, default: int) -> int:
    """Return the variable ``name`` as a whole number.

    Raises:
        ImproperlyConfigured: the value is not a whole number.
    """
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from error


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """Return the comma-separated variable ``name`` as a list without empty entries."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or list(default)


def require(*names: str) -> None:
    """Refuse to start where variables are missing, naming each one.

    Raises:
        ImproperlyConfigured: at least one of ``names`` is unset or empty.
    """
    missing = [name for name in names if not text(name)]
    if missing:
        raise ImproperlyConfigured(
            "Missing environment variables: "
            + ", ".join(missing)
            + ". The README's settings table says what each is for."
        )


def https(*names: str) -> None:
    """Refuse to start where a variable holds an address over which others could read.

    Raises:
        ImproperlyConfigured: one of ``names`` is set and does not begin with ``https://``.
    """
    for name in names:
        if text(name) and not text(name).startswith("https://"):
            raise ImproperlyConfigured(f"{name} must begin with https:// in production.")


def database(url: str) -> dict[str, Any]:
    """Return the entry of ``DATABASES`` for a ``postgresql://`` address, as libpq reads it.

    Args:
        url: address or key-value string; what Django has no field for goes to ``OPTIONS``.

    Statements that a connection sees often are prepared: the server plans them once, which is
    most of what our short queries cost it. A pooler that gives each transaction another
    connection may not know them (PgBouncer before 1.21): then ``DATABASE_PREPARE=0``.
    """
    parts = dict(conninfo_to_dict(url))
    prepared = {"server_side_binding": True, "prepare_threshold": 5}  # times seen
    return {
        "ENGINE": "portal.postgres",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts | (prepared if flag("DATABASE_PREPARE", default=True) else {}),
        "CONN_MAX_AGE": 600,  # seconds
        "CONN_HEALTH_CHECKS": True,
    }


def redis_caches(url: str) -> dict[str, Any]:
    """Return ``CACHES`` for a ``redis://`` address."""
    return {
        "default": {
            "BACKEND": "portal.caches.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "espace",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
    }
