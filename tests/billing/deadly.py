"""``python -m tests.billing.deadly TABLE ROWS``: work as a worker, and die at that row.

It delivers what the outbox holds, and kills itself (SIGKILL: nothing is rolled back, flushed or
closed by us) after ``ROWS`` statements that wrote to ``TABLE``; with 0 rows it works on to the end.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def main() -> None:
    """Deliver, and die."""
    import django  # noqa: PLC0415  (it reads the environment)

    django.setup()
    from django.db import connection  # noqa: PLC0415

    from portal.outbox.services import deliver_due  # noqa: PLC0415

    table, rows = sys.argv[1], int(sys.argv[2])
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


if __name__ == "__main__":
    main()
