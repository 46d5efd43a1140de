import time
from typing import Any

from django.apps import AppConfig
from django.db.models import QuerySet

LOCK = "FOR UPDATE SKIP LOCKED"


class Unlocked(AppConfig):
    name = "tests.concurrency.unlocked"
    label = "unlocked"

    def ready(self) -> None:
        """Forget every lock that our services ask for; what the database refuses stays.

        Reading the quotas takes 200 ms more, as on a slow machine: what a lock would have kept
        apart meets for certain.
        """
        from shop.ordering import services as ordering  # noqa: PLC0415 (models load after us)
        from shop.recharges import services as recharges  # noqa: PLC0415

        assert recharges._CLAIM.count(LOCK) == 1
        recharges._CLAIM = recharges._CLAIM.replace(LOCK, "")
        QuerySet.select_for_update = lambda self, **options: self
        read = ordering.lock_quotas

        def slowly(*args: Any) -> Any:
            quotas = read(*args)
            time.sleep(0.2)
            return quotas

        ordering.lock_quotas = slowly
