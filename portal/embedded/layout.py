"""Where the embedded servers keep their files, and whether their data matters."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import EmbeddedServerError

CHECKOUT = Path(__file__).resolve().parents[2]
# `sun_path` holds 108 bytes with its final zero on Linux, 104 on macOS and the BSDs.
MAX_SOCKET_PATH = 103  # bytes
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Layout:
    """The files of one pair of servers.

    Attributes:
        directory: absolute; holds everything below.
        durable: whether the data must survive a crash of the machine (false for tests).
    """

    directory: Path
    durable: bool = True

    @classmethod
    def default(cls) -> "Layout":
        """Return ``var/test`` under the test settings and ``var`` elsewhere, or ``ESPACE_VAR``."""
        testing = os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".test")
        usual = CHECKOUT / "var" / "test" if testing else CHECKOUT / "var"
        chosen = os.environ.get("ESPACE_VAR", "").strip()
        return cls((Path(chosen) if chosen else usual).resolve(), durable=not testing)

    @property
    def postgres(self) -> Path:
        """Directory of PostgreSQL: ``data`` and ``socket``, closed to other accounts."""
        return self.directory / "postgres"

    @property
    def valkey(self) -> Path:
        """Directory of Valkey's configuration and password."""
        return self.directory / "valkey"

    @property
    def run(self) -> Path:
        """Directory of locks, state and logs: safe to delete while nothing runs."""
        return self.directory / "run"

    @property
    def state(self) -> Path:
        """File with the servers' URLs; it exists only while they are ready."""
        return self.run / "servers.json"

    @property
    def users_lock(self) -> Path:
        """Held shared by each process that uses the servers, exclusively by a leaving keeper."""
        return self.run / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one process that is starting a keeper."""
        return self.run / "start.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper for as long as it lives."""
        return self.run / "keeper.lock"

    @property
    def children(self) -> Path:
        """File with the identities of the keeper's processes, for the next keeper to clean up."""
        return self.run / "servers.pids.json"

    def log(self, name: str) -> Path:
        """Return the log of ``keeper``, ``postgres`` or ``valkey``."""
        return self.run / f"{name}.log"

    def make(self) -> None:
        """Create the directories that every process needs."""
        self.run.mkdir(parents=True, exist_ok=True)

    def socket_directory(self) -> Path:
        """Return where PostgreSQL's socket goes: a deep checkout's own path would be too long."""
        usual = self.postgres / "socket"
        if len(os.fsencode(usual / SOCKET_NAME)) <= MAX_SOCKET_PATH:
            return usual
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:12]
        for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 (made private by its user)
            short = Path(parent, f"espace-{digest}")
            if len(os.fsencode(short / SOCKET_NAME)) <= MAX_SOCKET_PATH:
                return short
        raise EmbeddedServerError(
            f"The path {usual} is too long for a Unix socket, and so is the temporary "
            "directory's: set TMPDIR to a shorter one."
        )

    def remove_short_socket_directory(self) -> None:
        """Remove what `socket_directory` needed outside, if it did; the server must be stopped."""
        if self.postgres not in self.socket_directory().parents:
            shutil.rmtree(self.socket_directory(), ignore_errors=True)
