"""A provider over HTTP, in a process of its own, that fails in every way it is told to."""

import contextlib
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

from portal.embedded.processes import dies_with_parent
from tests.support.server import ROOT, address, listening


class StandIn:
    """What a test says to the process, and asks of it."""

    def __init__(self, url: str) -> None:
        """Note the address, without a final slash."""
        self.url = url

    def plan(self, *steps: dict[str, Any]) -> None:
        """Say how the next requests are answered, one step each; then all is well again.

        A step holds ``take`` (whether the content is kept; it is where nothing is said),
        ``delay`` (seconds), and ``status`` or ``drop`` (the connection is closed, no answer).
        """
        self._ask("plan", list(steps))

    def calls(self) -> list[dict[str, Any]]:
        """Return every request it got, the oldest first: path, key, headers, content."""
        return list(self._ask("calls", None))

    def taken(self) -> dict[str, dict[str, Any]]:
        """Return what it holds: the content by key, one for a key however often it came."""
        return dict(self._ask("taken", None))

    def tell(
        self,
        url: str,
        content: dict[str, Any] | str,
        *,
        secret: str,
        age: float = 0,
        spoiled: bool = False,
        times: int = 1,
    ) -> list[int]:
        """Have it send a signed message, and return the status of each answer.

        Args:
            url: of ours.
            content: an object, or a body as it stands.
            secret: to sign with.
            age: seconds that the timestamp lies in the past.
            spoiled: change the body after signing.
            times: how many copies, all at once.
        """
        order = {"url": url, "secret": secret, "age": age, "spoiled": spoiled, "times": times}
        order["body"] = content if isinstance(content, str) else json.dumps(content)
        return list(self._ask("tell", order))

    def _ask(self, command: str, argument: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/control/{command}", data=json.dumps(argument).encode()
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@contextlib.contextmanager
def standin() -> Iterator[StandIn]:
    """Run a provider until the block ends."""
    with listening() as listener:
        descriptor = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.standin", str(descriptor)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[descriptor],
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        try:
            yield StandIn(address(listener))
        finally:
            process.kill()
            process.wait()
