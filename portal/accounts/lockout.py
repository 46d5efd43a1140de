"""Five failures in five minutes lock an address for five minutes.

One Redis sorted set for each typed address, known or not, so that the answer says nothing about
who has an account. The key is a keyed fingerprint: no address is stored. An attempt is written
*before* its password is looked at, in a WATCH/MULTI/EXEC transaction: of many attempts that come
at once, five are looked at and no more.

Where Redis is away, logging in is refused (fail closed): sessions need it anyway, and whoever can
take it down must not gain unlimited guesses.
"""

import secrets
import time
from functools import lru_cache

import redis
import structlog
from django.conf import settings

from portal.privacy.crypto import fingerprint

log = structlog.get_logger("espace.accounts")


class Locked(Exception):
    """The address is locked: its password is not looked at."""


class Unavailable(Exception):
    """Redis did not answer, so nobody can tell whether the address is locked."""


@lru_cache(maxsize=4)
def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2)


def _key(email: str) -> str:
    return f"espace:lockout:{fingerprint('login', email.strip().lower())}"


def begin(email: str) -> None:
    """Count an attempt to log in as ``email``, which `clear` takes back.

    Args:
        email: as typed, in any case.

    Raises:
        Locked: too many failures.
        Unavailable: Redis is away.
    """
    key = _key(email)
    now = time.time()
    window = settings.LOGIN_FAILURE_WINDOW.total_seconds()
    lock = settings.LOGIN_LOCK.total_seconds()

    def write(pipe: "redis.client.Pipeline") -> None:
        newest = pipe.zrange(key, -settings.LOGIN_FAILURES_ALLOWED, -1, withscores=True)
        times = [float(entry[1]) for entry in newest]
        if (
            len(times) == settings.LOGIN_FAILURES_ALLOWED
            and times[-1] - times[0] <= window
            and now - times[-1] < lock
        ):
            log.warning("accounts.locked", address=key[-64:][:12])  # of its fingerprint
            raise Locked
        pipe.multi()
        pipe.zadd(key, {secrets.token_hex(8): now})
        pipe.expire(key, int(window + lock))

    try:
        # Runs again where another attempt on the same address came in between.
        _client(settings.REDIS_URL).transaction(write, key)
    except redis.RedisError as error:
        raise Unavailable from error


def clear(email: str) -> None:
    """Forget the failures of ``email``: the password was right, or a new one was chosen.

    A Redis that is away is no reason to fail what has succeeded: the count lapses by itself.
    """
    try:
        _client(settings.REDIS_URL).delete(_key(email))
    except redis.RedisError as error:
        log.warning("accounts.lockout_not_cleared", error=type(error).__name__)
