"""The real server: the Procfile's command, over the bench's settings."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage

from portal.embedded.processes import dies_with_parent
from tests.bench.wire import BARE, HOST, WrongAnswerError

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 60.0  # seconds


def procfile_command() -> str:
    """Return the command of ``web``, as it is but for the application and what is listened on.

    Workers are not replaced after some thousand requests, which here would be every few seconds.
    """
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    web = next(line for line in lines if line.startswith("web:")).removeprefix("web:")
    ours = web.replace("portal.wsgi", "tests.bench.wsgi").replace("0.0.0.0", HOST)  # noqa: S104
    return f"exec {ours.strip()} --max-requests 0 --max-requests-jitter 0"


@contextlib.contextmanager
def running(log: Path) -> Iterator[int]:
    """Collect the static files, run the server and yield its port.

    Args:
        log: what receives the server's logs, as production's collector would.

    Raises:
        RuntimeError: it did not start.
    """
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        check=True,
    )
    # This process may have read the manifest already, when there was none.
    files: Any = staticfiles_storage
    files.hashed_files, files.manifest_hash = files.load_manifest()
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", procfile_command()],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "WEB_CONCURRENCY": "2", "PATH": tools},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        try:
            _wait(process, port, log)
            yield port
        except WrongAnswerError as error:
            lines = log.read_text(encoding="utf-8").splitlines()
            error.add_note(
                "\n".join(line for line in lines if '"level": "info"' not in line)[-4000:]
            )
            raise
        finally:
            process.terminate()
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        link = http.client.HTTPConnection(HOST, port, timeout=1)
        with contextlib.suppress(OSError, http.client.HTTPException):
            link.request("GET", BARE)
            link.getresponse()
            return
        link.close()
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")
