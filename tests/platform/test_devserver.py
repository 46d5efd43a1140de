"""`make run` starts everything, stops everything, and starts again after any part was killed."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.database import Databases

# One process runs them all: the first start of each place migrates and loads the demo.
pytestmark = pytest.mark.xdist_group("devserver")
ROOT = Path(__file__).resolve().parents[2]


class Run:
    """One `make run`, without make, over a database of the tests and in a place of its own."""

    def __init__(self, place: Path, database_url: str, port: int) -> None:
        self.port = port
        self.output = place / f"output-{time.monotonic_ns()}.txt"
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "ESPACE_VAR": str(place / "var"),
            "PORT": str(port),
        }
        environment.pop("REDIS_URL", None)
        self.started = time.monotonic()
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.devserver"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.place = place

    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, pattern: str, seconds: float = 60) -> float:
        """Wait for a sentence and return the seconds since the start."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text()):
            ended = self.process.poll() is not None
            if (ended and not re.search(pattern, self.text())) or time.monotonic() > deadline:
                pytest.fail(f"{pattern!r} did not come:\n{self.text()}")
            time.sleep(0.05)
        return time.monotonic() - self.started

    def family(self) -> list[psutil.Process]:
        """Return every process of this run, its databases included."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid == self.process.pid or str(self.place) in _traces(process):
                    found.append(process)
        return found

    def named(self, word: str) -> psutil.Process:
        """Return the direct child whose command line holds ``word``."""
        children = psutil.Process(self.process.pid).children()
        for process in children:
            with contextlib.suppress(psutil.Error):  # one that just died
                if word in process.cmdline():
                    return process
        raise LookupError(word)

    def has(self, word: str) -> bool:
        with contextlib.suppress(LookupError):
            return self.named(word).is_running()
        return False

    def answers(self) -> bool:
        address = f"http://127.0.0.1:{self.port}/"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status == 200
        return False

    def end(self, signum: int) -> int:
        os.killpg(self.process.pid, signum)
        return self.process.wait(30)


def _traces(process: psutil.Process) -> str:
    """Return what ties a process to a place: its directory, its command, its environment."""
    traces = [process.cwd(), *process.cmdline()]
    with contextlib.suppress(psutil.AccessDenied):
        traces += process.environ().values()
    return "\n".join(traces)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def database_url(django_db_setup: Databases, place: Path, port: int) -> Iterator[str]:
    """Return a database that a first run prepared: the tests' own starts are second ones."""
    with django_db_setup.another("devserver") as url:
        first = Run(place, url, port)
        first.wait_for("The first page is there", seconds=300)
        assert first.end(signal.SIGINT) == 0
        yield url


@pytest.fixture
def start(place: Path, database_url: str, port: int) -> Iterator[Callable[[], Run]]:
    runs: list[Run] = []

    def start_one() -> Run:
        runs.append(Run(place, database_url, port))
        return runs[-1]

    yield start_one
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(30)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_everything_starts_and_a_signal_leaves_no_process(
    start: Callable[[], Run], signum: signal.Signals
) -> None:
    run = start()
    run.wait_for("Ctrl-C stops everything")

    assert run.answers()
    assert re.search(r"\n  partenaire +\S+@\S+ +\S+", run.text())
    assert len(run.family()) >= 6  # supervisor, web, worker, beat, keeper, databases

    assert run.end(signum) == 0
    assert run.family() == []


def test_a_signal_at_any_moment_of_the_start_leaves_no_process(start: Callable[[], Run]) -> None:
    for moment in ("Starting PostgreSQL", "Starting the web", "The first page", "Celery's"):
        run = start()
        run.wait_for(moment)

        assert run.end(signal.SIGINT) == 0
        assert run.family() == []


def test_the_second_start_serves_its_first_page_within_ten_seconds(
    start: Callable[[], Run],
) -> None:
    second = start()

    assert second.wait_for("The first page is there") < 10
    assert "The database is up to date." in second.text()


def test_a_killed_supervisor_takes_all_along_and_does_not_stop_the_next_start(
    start: Callable[[], Run],
) -> None:
    run = start()
    run.wait_for("Ctrl-C stops everything")

    run.process.kill()
    run.process.wait()
    again = start()

    assert again.wait_for("The first page is there") < 20
    assert again.answers()


def test_a_killed_child_is_started_again(start: Callable[[], Run]) -> None:
    run = start()
    run.wait_for("Ctrl-C stops everything")

    run.named("gunicorn").kill()
    run.named("worker").kill()
    run.named("beat").kill()

    for name in ("web", "worker", "beat"):
        run.wait_for(rf"The {name} ended \(signal 9\): again in 1 s\.")
    assert wait_until(run.answers)
    assert wait_until(lambda: run.has("worker") and run.has("beat"))


def test_killed_databases_are_started_again(start: Callable[[], Run]) -> None:
    run = start()
    run.wait_for("Ctrl-C stops everything")
    keeper = next(p for p in run.family() if "embedded.keeper" in " ".join(p.cmdline()))

    for process in [keeper, *keeper.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()

    run.wait_for("PostgreSQL and Valkey are gone: starting them again")
    assert wait_until(run.answers)
    assert run.end(signal.SIGINT) == 0
    assert run.family() == []


def test_a_taken_port_is_refused_naming_who_has_it(start: Callable[[], Run], port: int) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        run = start()

        assert run.process.wait(30) == 1
    assert f"Port {port} is taken by process {os.getpid()}" in run.text()
    assert f"PORT={port + 1} make run" in run.text()


def test_a_second_run_of_the_same_checkout_is_refused(start: Callable[[], Run], port: int) -> None:
    first = start()
    first.wait_for("The first page is there")

    second = start()

    assert second.process.wait(30) == 1
    assert f"is up already in this checkout: http://localhost:{port}/" in second.text()
    assert first.answers()
