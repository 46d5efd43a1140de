"""A number for each living test process: its database's, its Redis database's."""

from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from portal.embedded.processes import lock

PLACES = range(1, 256)  # the embedded Valkey has 256 databases; 0 is left to itself


class Place:
    """A place among the test processes of this checkout, free again when this process ends."""

    def __init__(self, directory: Path) -> None:
        """Take the first free place; ``directory`` holds the locks."""
        directory.mkdir(parents=True, exist_ok=True)
        self.number, self._lock = _first_free(directory)

    def use_own_redis(self) -> None:
        """Point Django's settings at this place's Redis database."""
        url = urlsplit(settings.REDIS_URL)._replace(path=f"/{self.number}").geturl()
        settings.REDIS_URL = settings.CELERY_BROKER_URL = url
        settings.CACHES["default"]["LOCATION"] = url


def _first_free(directory: Path) -> tuple[int, IO[bytes]]:
    for number in PLACES:
        held = lock(directory / f"{number}.lock", wait=False)
        if held is not None:
            return number, held
    raise RuntimeError("255 test processes are running: no place is left.")
