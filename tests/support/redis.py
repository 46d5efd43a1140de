"""One Redis database per test process, so that two of them never read each other's cache."""

from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from portal.embedded.processes import lock

DATABASES = range(1, 256)  # the embedded Valkey has 256; 0 is left to itself


def choose_database(directory: Path) -> IO[bytes]:
    """Point Django's settings at a Redis database of our own and return the lock that keeps it.

    Args:
        directory: where test processes of this checkout leave their locks.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for number in DATABASES:
        held = lock(directory / f"redis-{number}.lock", wait=False)
        if held is not None:
            url = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
            settings.REDIS_URL = settings.CELERY_BROKER_URL = url
            settings.CACHES["default"]["LOCATION"] = url
            return held
    raise RuntimeError("255 test processes are running: no Redis database is left.")
