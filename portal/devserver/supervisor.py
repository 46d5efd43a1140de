"""The supervisor behind ``make run``."""

import contextlib
import http.client
import os
import socket
import sys
import time
from typing import IO

import psutil

from portal.devserver.console import Console, Ending, Refusal, Stopped
from portal.devserver.crew import Child, Crew
from portal.devserver.preparation import MANAGE, prepare
from portal.embedded import EmbeddedServerError, Layout, Servers
from portal.embedded.processes import lock

FIRST_PAGE_TIMEOUT = 90.0  # seconds
GUNICORN = [
    "--workers",
    "2",
    "--threads",
    "4",
    "--preload",
    "--graceful-timeout",
    "5",
    "--no-control-socket",
]
# Root in a container is fine for a demo: Celery need not warn about it.
CELERY = ["-W", "ignore::Warning:celery.platforms", "-m", "celery", "--app", "portal", "--quiet"]
# Threads: one process that leaves no other behind. Production uses Celery's default.
WORKER = ["--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]


class Supervisor:
    """One run of everything, from the first sentence to the last process."""

    def __init__(self, console: Console, ending: Ending) -> None:
        """Read the environment: PORT, BIND, DEBUG, DATABASE_URL, REDIS_URL, ESPACE_VAR.

        Raises:
            Refusal: PORT is not a port.
        """
        os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.local"
        self.console = console
        self.ending = ending
        self.host = os.environ.get("BIND", "").strip() or "127.0.0.1"
        self.port = _port(os.environ.get("PORT", "").strip() or "8000")
        self.debug = os.environ.get("DEBUG", "").lower() in {"1", "true", "yes", "on"}
        self.layout = Layout.default()
        self.layout.make()
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        self.crew = Crew(console, ending, self.layout.run / "devserver.pids.json", environment)
        self.servers: Servers | None = None
        self.embedded: dict[str, str] = {}  # variable: server's name, where we run the server
        self.turn: IO[bytes] | None = None

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the first page."""
        host = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{host}:{self.port}/"

    def run(self) -> None:
        """Start everything, then watch it until somebody asks for the end.

        Raises:
            Refusal: something that everything else needs does not work.
            Stopped: somebody asked for the end.
        """
        self.take_turn()
        self.start_databases()
        environment = self.crew.environment
        accounts = self.layout.run / "demo-accounts.tsv"
        prepare(self.console, self.crew, environment["DATABASE_URL"], accounts)
        self.check_port()
        self.console.say(f"Starting the web server on port {self.port} …")
        web, *others = self.children()
        self.crew.start(web)
        self.wait_for_first_page()
        self.console.say(f"The first page is there. Open {self.address}")
        self.console.write()
        self.console.write("Demo accounts (role, e-mail, password; `make accounts` repeats them):")
        for line in accounts.read_text().splitlines():
            role, email, password = line.split("\t")
            self.console.write(f"  {role:<28} {email:<44} {password}")
        self.console.write()
        for child in others:
            self.crew.start(child)
        self.console.say("Celery's worker and beat are starting. Ctrl-C stops everything.")
        while True:
            self.crew.show(wait=0.5)
            self.crew.tend(serving=True)
            self.check_databases()
            self.ending.check()

    def take_turn(self) -> None:
        """Make sure that this is the one run of this checkout, and clean up after the last one.

        Raises:
            Refusal: another run is up, or another program has the port.
        """
        state = self.layout.run / "devserver.address"
        self.turn = lock(self.layout.run / "devserver.lock", wait=False)
        if self.turn is None:
            with contextlib.suppress(OSError):
                raise Refusal(f"`make run` is up already in this checkout: {state.read_text()}")
            raise Refusal("`make run` is up already in this checkout.")
        count = self.crew.clear_leftovers()
        if count:
            self.console.say(f"Stopped {count} processes that the last run left behind.")
        self.check_port()
        state.write_text(f"{self.address} (process {os.getpid()})")

    def check_port(self) -> None:
        """Make sure that the port is free; called again after migrations, which take a while.

        Raises:
            Refusal: another program has it.
        """
        if not _is_free(self.host, self.port):
            raise Refusal(
                f"Port {self.port} is taken by {_owner(self.port)}. Stop that, or choose another "
                f"port: PORT={self.port + 1} make run"
            )

    def start_databases(self) -> None:
        """Start the embedded servers that no variable replaces, and pass their URLs on."""
        environment = self.crew.environment
        wanted = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}
        self.embedded = {
            key: name for key, name in wanted.items() if not environment.get(key, "").strip()
        }
        if not self.embedded:
            self.console.say("Using the servers of DATABASE_URL and REDIS_URL.")
            return
        self.console.say(f"Starting PostgreSQL and Valkey under {self.layout.directory} …")
        self.servers = Servers.of(self.layout)
        urls = self.servers.urls()
        environment |= {key: urls[name] for key, name in self.embedded.items()}

    def children(self) -> list[Child]:
        """Return what runs beside the databases; the web server comes first."""
        here = f"{self.host}:{self.port}"
        web = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", here, *GUNICORN]
        if self.debug:
            web = [*MANAGE, "runserver", here]
        celery = [sys.executable, *CELERY]
        schedule = str(self.layout.run / "beat-schedule")
        return [
            Child("web", web, essential=True),
            Child("worker", [*celery, "worker", *WORKER]),
            Child("beat", [*celery, "beat", "--schedule", schedule, "--pidfile", ""]),
        ]

    def wait_for_first_page(self) -> None:
        """Wait until the home page answers.

        Raises:
            Refusal: it answers with an error, or not at all.
        """
        deadline = time.monotonic() + FIRST_PAGE_TIMEOUT
        while True:
            self.crew.show(wait=0.1)
            self.crew.tend(serving=False)
            self.ending.check()
            status = self.status_of_first_page()
            if 200 <= status < 400:
                return
            if status >= 500 and not self.debug:
                self.crew.show(wait=0.5)
                raise Refusal(f"The first page answers with error {status}: see above.")
            if time.monotonic() > deadline:
                raise Refusal(f"No page after {FIRST_PAGE_TIMEOUT:.0f} s (last answer: {status}).")

    def status_of_first_page(self) -> int:
        """Return the home page's HTTP status, 0 where nobody answers."""
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104
        connection = http.client.HTTPConnection(host, self.port, timeout=30)
        try:
            connection.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def check_databases(self) -> None:
        """Start the embedded servers again where their keeper was killed."""
        if self.servers is None or self.servers.is_kept():
            return
        self.console.say("PostgreSQL and Valkey are gone: starting them again …")
        before = dict(self.crew.environment)
        urls = self.servers.urls()
        self.crew.environment |= {key: urls[name] for key, name in self.embedded.items()}
        if self.crew.environment != before:
            self.console.say("Their addresses changed: restarting the rest.")
            children = list(self.crew.children)
            self.crew.stop()
            for child in children:
                self.crew.start(child)

    def stop(self) -> None:
        """Stop everything, databases last."""
        self.ending.ignore_more()
        self.crew.stop()
        if self.servers is not None and not self.servers.shut_down():
            with contextlib.suppress(Stopped):
                self.console.say("PostgreSQL and Valkey stay up: another command is using them.")


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise Refusal(f"PORT={text} is not a port: choose a number from 1 to 65535.")


def _is_free(host: str, port: int) -> bool:
    """Whether we can listen there, as the web server would."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except PermissionError:
            raise Refusal(f"Port {port} is reserved: choose one from 1024 to 65535.") from None
        except OSError:
            return False
    return True


def _owner(port: int) -> str:
    """Return a few words about the process that listens on ``port``."""
    with contextlib.suppress(psutil.Error, OSError):
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr.port == port and link.pid:
                command = " ".join(psutil.Process(link.pid).cmdline())
                return f"process {link.pid} ({command[:80]})"
    return "another program"


def main() -> int:
    """Run everything and return the exit code: 0 for an end that was asked for, else 1."""
    console = Console()
    supervisor = None
    code = 0
    try:
        supervisor = Supervisor(console, Ending())
        supervisor.run()
    except Stopped as reason:
        with contextlib.suppress(Stopped):
            console.write()
            console.say(f"Stopping everything ({reason}) …")
    except (Refusal, EmbeddedServerError) as error:
        code = 1
        with contextlib.suppress(Stopped):
            console.say(str(error))
    finally:
        if supervisor is not None:
            supervisor.stop()
    if code == 0:
        with contextlib.suppress(Stopped):
            console.say("Everything is stopped.")
    return code
