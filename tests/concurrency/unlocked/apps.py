from django.apps import AppConfig
from django.db.models import QuerySet

LOCK = "FOR UPDATE SKIP LOCKED"


class Unlocked(AppConfig):
    name = "tests.concurrency.unlocked"
    label = "unlocked"

    def ready(self) -> None:
        """Forget every lock that our services ask for; what the database refuses stays."""
        from shop.recharges import services  # noqa: PLC0415 (its models load after this module)

        assert services._CLAIM.count(LOCK) == 1
        services._CLAIM = services._CLAIM.replace(LOCK, "")
        QuerySet.select_for_update = lambda self, **options: self
