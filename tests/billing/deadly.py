"""A worker that dies at a row: what `tests.billing.test_parallel` forks."""

import os
import signal
from collections.abc import Callable
from typing import Any

from django.db import connection

from portal.outbox.services import deliver_due


def work(table: str, rows: int) -> None:
    """Deliver what the outbox holds, and die.

    It kills itself (SIGKILL: nothing is rolled back, flushed or closed by us) after ``rows``
    statements that wrote to ``table``; with 0 rows it works on to the end.
    """
    written = 0

    def die(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        nonlocal written
        answer = execute(sql, *args)
        if sql.startswith(("INSERT", "UPDATE")) and f'"{table}"' in sql[: len(table) + 20]:
            written += 1
            if written == rows:
                os.kill(os.getpid(), signal.SIGKILL)
        return answer

    with connection.execute_wrapper(die):
        while deliver_due():
            pass
    connection.close()
