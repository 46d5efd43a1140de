"""A kept connection is looked at before each request: one in constant use without asking it.

Django asks ``SELECT 1``. Where the server closed the connection (a restart, an idle session ended),
the socket has the news already; only one that nobody used for some seconds may be dead without
it (a machine that vanished, a firewall that forgot), and is asked.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql import base

TRUSTED = 5.0  # seconds since it was last found to answer


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with that look."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._answered = 0.0

    def is_usable(self) -> bool:
        """Return whether the connection can be used for a request."""
        now = time.monotonic()
        if now - self._answered < TRUSTED and not self._has_news():
            return True
        usable = bool(super().is_usable())
        self._answered = now if usable else 0.0
        return usable

    def _has_news(self) -> bool:
        """Return whether the server sent what nobody asked for: a farewell, or a notice."""
        connection = self.connection
        if connection is None or connection.closed:
            return True
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(poll.poll(0))
