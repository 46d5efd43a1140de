"""What real processes leave behind, all of it, and what is looked for in it."""

import base64
import contextlib
import itertools
import json
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from psycopg.conninfo import make_conninfo

from portal.embedded import Layout
from portal.embedded.postgres import PROGRAMS
from portal.embedded.processes import dies_with_parent
from tests.support.server import ROOT, variables

# What is looked for.


def spellings(secret: str) -> set[str]:
    """Return a text as it would look in a log, an address, a JSON text or a dump."""
    plain = {secret, secret.replace(" ", "\u00a0"), secret.lower(), secret.upper()}
    if re.fullmatch(r"[\d ]+", secret):
        for size, between in itertools.product(("2", "1,4"), " \u00a0.-"):
            plain.add(between.join(re.findall(rf"\d{{{size}}}", secret)))
    return plain | {
        spelled
        for text in plain
        for spelled in (quote(text), json.dumps(text)[1:-1], repr(text.encode())[2:-1])
    }


def leaks(text: str, secrets: dict[str, str]) -> dict[str, str]:
    """Return what of ``secrets`` stands in ``text``, with what surrounds it."""
    found = {}
    for name, secret in secrets.items():
        for spelled in spellings(secret):
            place = text.find(spelled)
            if place >= 0:
                found[name] = text[max(0, place - 200) : place + 100]
    return found


# Where.


def opened(value: Any) -> str:
    """Return a stored value as text: a session unpickled, a task's arguments out of base64."""
    if isinstance(value, dict):
        return "\n".join(opened(part) for pair in value.items() for part in pair)
    if isinstance(value, list | set):
        return "\n".join(opened(part) for part in value)
    texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)]
    with contextlib.suppress(Exception):
        texts.append(repr(pickle.loads(value)))  # noqa: S301  (what our own cache wrote)
    for encoded in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", texts[0]):
        with contextlib.suppress(ValueError):
            texts.append(base64.b64decode(encoded).decode("utf-8", "replace"))
    return "\n".join(texts)


def everything_in_redis() -> str:
    """Return every key and value of the test's Redis database, opened as far as they open."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    kinds: dict[bytes, Callable[[Any], Any]] = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"set": server.smembers,
        b"zset": lambda key: server.zrange(key, 0, -1),
        b"hash": server.hgetall,
        b"none": lambda key: b"",  # it has lived its time meanwhile
    }
    texts = []
    for key in server.scan_iter(count=1000):
        value = kinds[server.type(key)](key)
        texts += [opened(key), opened(value)]
    return "\n".join(texts)


def everything_in_the_database() -> str:
    """Return a dump of the test's database, as a backup would hold it."""
    parts = connection.settings_dict
    address = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER"}
    given = {key: str(parts[name]) for key, name in address.items() if parts[name]}
    done = subprocess.run(
        [PROGRAMS / "pg_dump", "--dbname", make_conninfo(**given)],
        env={**os.environ, "PGPASSWORD": str(parts["PASSWORD"])},
        check=True,
        capture_output=True,
    )
    return done.stdout.decode()


def every_session() -> str:
    """Return what the sessions hold, which their table keeps signed and packed."""
    return "\n".join(repr(row.get_decoded()) for row in Session.objects.all())


def logs_of_servers() -> str:
    """Return what the embedded PostgreSQL and Valkey wrote of themselves."""
    layout = Layout.default()
    paths = [layout.log(name) for name in ("postgres", "valkey", "keeper")]
    return "\n".join(path.read_text(errors="replace") for path in paths if path.exists())


class Eavesdropper:
    """Hears every command that reaches Redis, in every database, until it stops.

    What is set and dropped within a second is heard too.
    """

    def __init__(self) -> None:
        """Prepare a connection; nothing is heard yet."""
        self.heard: list[str] = []
        self._server = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=None)
        self._stop = threading.Event()
        self._ready = threading.Event()

    def __enter__(self) -> "Eavesdropper":
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        redis.Redis.from_url(settings.REDIS_URL).ping()  # the last command that it waits for
        self._thread.join(10)

    def _listen(self) -> None:
        with self._server.monitor() as monitor:
            self._ready.set()
            for command in monitor.listen():
                if self._stop.is_set():
                    return
                self.heard.append(command["command"])

    def text(self) -> str:
        """Return what was heard, with what is in base64 opened."""
        return opened("\n".join(self.heard))


# Processes.


@contextlib.contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """Run a Celery worker over the test database until the block ends."""
    command = [sys.executable, "-W", "ignore::Warning:celery.platforms", "-m", "celery"]
    command += ["--app", "portal", "--quiet", "worker"]
    command += ["--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | variables() | environment,
        stdin=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(true: Callable[[], object], seconds: float = 90) -> None:
    """Wait for other processes."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It took too long."
        time.sleep(0.1)
