import os
import signal
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_save


class Deadly(AppConfig):
    name = "tests.concurrency.deadly"
    label = "deadly"

    def ready(self) -> None:
        """Die at the COMMIT of a transaction that placed an order, where an order to die lies.

        The order is a file named ``before`` or ``after`` in the directory ``DEADLY``; taking it
        away makes sure that one process dies of it. SIGKILL: nothing is flushed, closed or
        rolled back by us, and what was to be done on commit is never done.
        """
        from shop.ordering.models import PlacedOrder  # noqa: PLC0415 (models load after us)

        orders = Path(os.environ["DEADLY"])
        commit = BaseDatabaseWrapper.commit

        def die(moment: str) -> None:
            try:
                (orders / moment).unlink()
            except FileNotFoundError:
                return
            os.kill(os.getpid(), signal.SIGKILL)

        def note(created: bool, **kwargs: Any) -> None:
            if created:
                connection.placed = True  # of this thread

        def commit_or_die(self: BaseDatabaseWrapper) -> None:
            placed = self.__dict__.pop("placed", False)
            if placed:
                die("before")
            commit(self)
            if placed:
                die("after")

        post_save.connect(note, sender=PlacedOrder, weak=False)
        BaseDatabaseWrapper.commit = commit_or_die
