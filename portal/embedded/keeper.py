"""The keeper: the one process that starts the servers, watches them and stops them.

It leaves when nobody has held the users' lock for `PATIENCE` seconds, so that one command after
another finds the servers up, or at once when nobody holds it and SIGUSR1 came; on SIGTERM it
stops them whoever uses them. A server that dies is started again: PostgreSQL recovers by itself.
"""

import contextlib
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

from . import processes
from .errors import EmbeddedServerError
from .layout import Layout
from .postgres import Postgres
from .valkey import Valkey

Server = Postgres | Valkey

PATIENCE = 3.0  # seconds
PULSE = 0.1  # seconds between two looks
RECOVERY = 300.0  # seconds given to a server to become ready, after a crash too
MAX_RESTARTS = 5  # in a row, each within a minute of the last
LOG_SIZE = 5_000_000  # bytes, beyond which a log starts anew


class Keeper:
    """Both servers of a layout and the signals that this process was sent."""

    def __init__(self, layout: Layout) -> None:
        """Prepare both servers; a leftover of the last keeper is stopped first."""
        self.layout = layout
        self.patience = PATIENCE
        self.stopping = False
        self.restarts: list[float] = []
        self.farewell: IO[bytes] | None = None
        layout.state.unlink(missing_ok=True)
        processes.stop(processes.recorded(layout.children), Postgres.stop_signal)
        self.servers: list[Server] = [Postgres(layout), Valkey(layout)]
        for server in self.servers:
            server.prepare()

    def run(self) -> None:
        """Keep the servers up for as long as somebody uses them, then stop them."""
        try:
            self.start(self.servers)
            self.watch()
        finally:
            self.layout.state.unlink(missing_ok=True)
            self.stop()

    def start(self, servers: list[Server]) -> None:
        """Start the servers side by side and publish the URLs once all are ready."""
        for server in servers:
            server.start()
        processes.record(self.layout.children, self.pids())
        for server in servers:
            self.wait_for(server)
        urls = {server.name: server.url for server in self.servers}
        processes.write_atomically(self.layout.state, json.dumps({"keeper": os.getpid()} | urls))

    def wait_for(self, server: Server) -> None:
        """Wait until the server is ready; Valkey may lose its port to another and try again."""
        deadline = time.monotonic() + RECOVERY
        while not server.is_ready():
            if has_ended(server):
                self.count_restart(server)
                server.start()
                processes.record(self.layout.children, self.pids())
            if time.monotonic() > deadline or self.stopping:
                raise EmbeddedServerError(f"{server.name} did not start.")
            time.sleep(0.02)
        server.finish()
        say(f"{server.name} is ready")

    def watch(self) -> None:
        """Return when it is time to go."""
        last_used = time.monotonic()
        while not self.stopping:
            dead = [server for server in self.servers if has_ended(server)]
            if dead:
                self.layout.state.unlink(missing_ok=True)
                for server in dead:
                    self.count_restart(server)
                    server.prepare()
                self.start(dead)
            lonely = processes.lock(self.layout.users_lock, wait=False)
            if lonely is None:
                last_used = time.monotonic()
            elif time.monotonic() - last_used >= self.patience:
                self.farewell = lonely  # kept to the end: newcomers wait, then start anew
                say("nobody uses the servers any more")
                return
            else:
                lonely.close()
            time.sleep(PULSE)

    def count_restart(self, server: Server) -> None:
        """Say that a server died, and give up when that happens again and again."""
        now = time.monotonic()
        self.restarts = [moment for moment in self.restarts if now - moment < 60] + [now]
        code = server.process.returncode if server.process else None
        say(f"{server.name} ended unexpectedly ({code})")
        if len(self.restarts) > MAX_RESTARTS:
            raise EmbeddedServerError(f"{server.name} keeps ending: see {server.name}.log")
        time.sleep(0.1 * len(self.restarts))

    def pids(self) -> list[int]:
        """Return the servers' process ids."""
        return [server.process.pid for server in self.servers if server.process]

    def stop(self) -> None:
        """Stop the servers in the kind way, and by force where that takes over ten seconds."""
        for server in self.servers:
            with contextlib.suppress(psutil.NoSuchProcess):
                if server.process:
                    processes.stop([psutil.Process(server.process.pid)], server.stop_signal)
        self.layout.remove_short_socket_directory()
        self.layout.children.unlink(missing_ok=True)
        say("stopped")

    def hurry(self, signum: int, frame: FrameType | None) -> None:
        """Stop as soon as nobody uses the servers."""
        self.patience = 0

    def give_up(self, signum: int, frame: FrameType | None) -> None:
        """Stop now."""
        self.stopping = True


def has_ended(server: Server) -> bool:
    """Whether the server's process is gone."""
    return server.process is not None and server.process.poll() is not None


def say(sentence: str) -> None:
    """Write one line to the keeper's log, which is its standard error."""
    sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {sentence}\n")
    sys.stderr.flush()


def main(directory: str, durable: str) -> None:
    """Keep the servers of ``directory``; ``durable`` is ``1`` or ``0``."""
    os.umask(0o022)
    for name in ("SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    layout = Layout(Path(directory), durable=durable == "1")
    for name in ("postgres", "valkey"):
        with contextlib.suppress(OSError):
            if layout.log(name).stat().st_size > LOG_SIZE:
                layout.log(name).unlink()
    try:
        keeper = Keeper(layout)
        signal.signal(signal.SIGUSR1, keeper.hurry)
        signal.signal(signal.SIGTERM, keeper.give_up)
        keeper.run()
    except EmbeddedServerError as error:
        say(str(error))
        sys.exit(1)
