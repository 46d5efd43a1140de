import time
from typing import Any

from django.apps import AppConfig
from django.core.cache import cache
from django.db.models import QuerySet

CODES = "FOR UPDATE SKIP LOCKED"
QUOTAS = "FOR NO KEY UPDATE OF quota"
READERS = "unlocked:readers"


class Unlocked(AppConfig):
    name = "tests.concurrency.unlocked"
    label = "unlocked"

    def ready(self) -> None:
        """Forget every lock that our services ask for; what the database refuses stays.

        Orders wait for each other once they have read the quotas: what a lock would have kept
        apart meets for certain, on a slow machine too.
        """
        from shop.ordering import services as ordering  # noqa: PLC0415 (models load after us)
        from shop.quotas import services as quotas  # noqa: PLC0415
        from shop.recharges import services as recharges  # noqa: PLC0415

        assert recharges._CLAIM.count(CODES) == quotas._LOCK.count(QUOTAS) == 1
        recharges._CLAIM = recharges._CLAIM.replace(CODES, "")
        quotas._LOCK = quotas._LOCK.replace(QUOTAS, "")
        QuerySet.select_for_update = lambda self, **options: self
        read = ordering.lock_quotas

        def slowly(*args: Any) -> Any:
            found = read(*args)
            time.sleep(0.2)
            if found:
                wait_until_nobody_comes()
            return found

        ordering.lock_quotas = slowly


def wait_until_nobody_comes() -> None:
    """Return when no other order has read its quotas for half a second."""
    cache.add(READERS, 0)
    seen, since = cache.incr(READERS), time.monotonic()
    while time.monotonic() - since < 0.5:
        time.sleep(0.05)
        if cache.get(READERS) != seen:
            seen, since = cache.get(READERS), time.monotonic()
