"""A real web server over the test database, in processes of its own: fixture ``server``."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from portal.embedded.processes import dies_with_parent
from tests.support.database import Databases

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 60.0  # seconds

StartServer = Callable[..., AbstractContextManager[str]]


class Shared:
    """The usual servers: started once, and handed to one test after the other.

    A server starts in seconds, and keeps nothing of a test: rows are in the database, all else in
    Redis, and both are put back. One of another environment, or of many processes, is a test's own.
    """

    USUAL = (1, 2)  # processes

    def __init__(self, databases: Databases) -> None:
        """Know whose database it is: where it is cloned anew, the servers' connections are dead."""
        self._databases = databases
        self._stack = contextlib.ExitStack()
        self._running: dict[tuple[int, int], str] = {}
        self._clones = databases.clones

    @contextlib.contextmanager
    def lend(
        self, *, workers: int = 2, threads: int = 4, environment: dict[str, str] | None = None
    ) -> Iterator[str]:
        """Yield the address of a server; the arguments are those of `running_server`."""
        if environment or workers not in self.USUAL:
            with running_server(workers=workers, threads=threads, environment=environment) as url:
                yield url
            return
        if self._clones != self._databases.clones:
            self.stop()
        wanted = (workers, threads)
        if wanted not in self._running:
            server = running_server(workers=workers, threads=threads)
            self._running[wanted] = self._stack.enter_context(server)
        yield self._running[wanted]
        self._databases.wait_until_idle()

    def stop(self) -> None:
        """Stop all of them."""
        self._stack.close()
        self._running.clear()
        self._clones = self._databases.clones


@pytest.fixture(scope="session")
def _shared(django_db_setup: Databases) -> Iterator[Shared]:
    shared = Shared(django_db_setup)
    yield shared
    shared.stop()


@pytest.fixture
def start_server(_shared: Shared, transactional_db: None) -> StartServer:
    """Return `Shared.lend`, in a test whose rows other processes see."""
    return _shared.lend


@pytest.fixture
def server(start_server: StartServer) -> Iterator[str]:
    """Return the address (without a final slash) of a server of 2 processes × 4 threads."""
    with start_server() as url:
        yield url


@contextlib.contextmanager
def running_server(
    *, workers: int = 2, threads: int = 4, environment: dict[str, str] | None = None
) -> Iterator[str]:
    """Run gunicorn over the test database and yield its address, without a final slash.

    Args:
        workers: processes.
        threads: of each process.
        environment: variables to add, such as another DJANGO_SETTINGS_MODULE.
    """
    with (
        listening() as listener,
        gunicorn(listener, workers=workers, threads=threads, environment=environment),
    ):
        yield address(listener)


def listening() -> socket.socket:
    """Return a socket on a free port, ours from here on: nobody takes the port in between."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    return listener


def address(listener: socket.socket) -> str:
    """Return the address that a listener answers on, without a final slash."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def gunicorn(
    listener: socket.socket,
    *,
    workers: int = 2,
    threads: int = 4,
    environment: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run gunicorn on a listener, and yield the process that leads the others."""
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--no-control-socket"]
    command += ["--bind", f"fd://{listener.fileno()}", "--preload", "--graceful-timeout", "1"]
    command += ["--workers", str(workers), "--threads", str(threads)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | variables() | (environment or {}),
        stdin=subprocess.DEVNULL,  # what it writes is pytest's to capture, and to show
        pass_fds=[listener.fileno()],
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        wait_for_answer(process, listener.getsockname()[1])
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def variables() -> dict[str, str]:
    """Return the environment of a process that uses this test's database and cache."""
    database = connection.settings_dict
    parts = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    given = {part: database[key] for part, key in parts.items() if database[key]}
    if database["PORT"]:
        given["port"] = database["PORT"]
    return {
        "DATABASE_URL": make_conninfo(**given),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PYTHONUNBUFFERED": "1",
    }


def wait_for_answer(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the server answers a request, whatever it says."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        with contextlib.suppress(OSError, http.client.HTTPException):
            link.request("GET", "/sante/")
            link.getresponse()
            return
        link.close()
    pytest.fail("The server did not start.")
