"""What a process does that needs the servers: say so, start the keeper if none lives, read URLs."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, ClassVar

from .errors import EmbeddedServerError
from .layout import Layout
from .processes import lock

START_TIMEOUT = 300.0  # seconds; a crashed PostgreSQL may have much to recover
# The keeper imports this package as a top-level one, with our parent directory last on its path:
# importing `portal` would load Celery, for a process that lives beside every other.
PROGRAM = """
import sys
sys.path.append(sys.argv[1])
from embedded.keeper import main
main(*sys.argv[2:4])
"""


class Servers:
    """The servers of one layout, as seen by a process that uses them."""

    _known: ClassVar[dict[Path, "Servers"]] = {}

    def __init__(self, layout: Layout) -> None:
        """Prepare to use the servers of ``layout``; nothing happens before `urls`."""
        self.layout = layout
        self._using: IO[bytes] | None = None

    @classmethod
    def of(cls, layout: Layout) -> "Servers":
        """Return this process's one handle on the servers of ``layout``."""
        return cls._known.setdefault(layout.directory, cls(layout))

    def urls(self) -> dict[str, str]:
        """Return the URLs by server's name (``postgres``, ``valkey``), starting what is down.

        From this call to `release` or to the end of this process, the servers stay up.

        Raises:
            EmbeddedServerError: they cannot be started; the message says why.
        """
        try:
            self.layout.make()
            if self._using is None:
                self._using = lock(self.layout.users_lock, shared=True)
            if not self.is_kept():
                self._start_keeper()
            return self._wait_for_urls()
        except PermissionError as error:
            raise EmbeddedServerError(
                f"{self.layout.directory} is closed to this account ({error}): it was made by "
                "another. Delete it, or go on as that account."
            ) from error

    def is_kept(self) -> bool:
        """Whether a keeper lives; its servers may still be starting."""
        with lock(self.layout.start_lock):  # type: ignore[union-attr] # we wait, so we get it
            return self._free_keeper_lock() is None

    def release(self) -> None:
        """Stop using the servers: they end once nobody else uses them."""
        if self._using is not None:
            self._using.close()
            self._using = None

    def shut_down(self, seconds: float = 20.0) -> bool:
        """Release the servers, hurry their end, and say whether they ended.

        Args:
            seconds: how long to wait; another process that uses them keeps them up.
        """
        self.release()
        with contextlib.suppress(EmbeddedServerError, ProcessLookupError, OSError, ValueError):
            keeper = json.loads(self.layout.state.read_text())["keeper"]
            if self.is_kept():
                os.kill(keeper, signal.SIGUSR1)
        deadline = time.monotonic() + seconds
        while self.is_kept():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _free_keeper_lock(self) -> IO[bytes] | None:
        return lock(self.layout.keeper_lock, wait=False)

    def _start_keeper(self) -> None:
        with lock(self.layout.start_lock):  # type: ignore[union-attr] # we wait, so we get it
            held = self._free_keeper_lock()
            if held is None:
                return  # somebody was faster
            self.layout.state.unlink(missing_ok=True)
            with held, self.layout.log("keeper").open("wb") as log:
                subprocess.Popen(
                    [
                        *(sys.executable, "-I", "-c", PROGRAM),
                        str(Path(__file__).resolve().parents[1]),
                        str(self.layout.directory),
                        str(int(self.layout.durable)),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    start_new_session=True,  # Ctrl-C is for the foreground, not for the servers
                    pass_fds=[held.fileno()],  # the lock goes to the keeper and ends with it
                )

    def _wait_for_urls(self) -> dict[str, str]:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            with contextlib.suppress(OSError, ValueError):
                state = json.loads(self.layout.state.read_text())
                return {name: state[name] for name in ("postgres", "valkey")}
            if time.monotonic() > deadline or not self.is_kept():
                raise EmbeddedServerError(self._explanation())
            time.sleep(0.02)

    def _explanation(self) -> str:
        tail: list[str] = []
        for name in ("keeper", "postgres"):
            with contextlib.suppress(OSError):
                lines = self.layout.log(name).read_text(errors="replace").splitlines()
                tail += [f"  {name}: {line}" for line in lines[-8:]]
        return "\n".join(
            [f"The embedded PostgreSQL and Valkey did not start ({self.layout.run}).", *tail]
        )


def database_url() -> str:
    """Return the embedded PostgreSQL's address, starting the server where it is down.

    Raises:
        EmbeddedServerError: it cannot be started.
    """
    return Servers.of(Layout.default()).urls()["postgres"]


def redis_url() -> str:
    """Return the embedded Valkey's address with its password, starting it where it is down.

    Raises:
        EmbeddedServerError: it cannot be started.
    """
    return Servers.of(Layout.default()).urls()["valkey"]
