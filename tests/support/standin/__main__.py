"""The provider's process: ``python -m tests.support.standin <descriptor of its socket>``.

It knows nothing of our code: it signs as docs/activation.md says.
"""

import hashlib
import hmac
import json
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

lock = threading.Lock()
steps: list[dict[str, Any]] = []
calls: list[dict[str, Any]] = []
taken: dict[str, dict[str, Any]] = {}


def plan(given: list[dict[str, Any]]) -> None:
    """Replace the steps that are left."""
    with lock:
        steps[:] = given


def tell(order: dict[str, Any]) -> list[int]:
    """Sign a body and send it, ``times`` copies at once."""
    body = order["body"].encode()
    timestamp = str(int(time.time() - order["age"]))
    signed = f"{timestamp}.".encode() + body
    signature = hmac.new(order["secret"].encode(), signed, hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        order["url"],
        data=body + b" " if order["spoiled"] else body,
        headers={
            "Content-Type": "application/json",
            "X-Espace-Timestamp": timestamp,
            "X-Espace-Signature": f"sha256={signature}",
        },
    )

    def send(_: int) -> int:
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    with ThreadPoolExecutor(order["times"]) as pool:
        return list(pool.map(send, range(order["times"])))


COMMANDS = {"plan": plan, "tell": tell, "calls": lambda _: calls, "taken": lambda _: taken}


class Provider(BaseHTTPRequestHandler):
    """Its service at any path, its orders below ``/control/``."""

    def do_POST(self) -> None:
        """Take a message, or an order of the test."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        content = json.loads(body)
        if self.path.startswith("/control/"):
            result = COMMANDS[self.path.rpartition("/")[2]](content)
            self.answer(200, json.dumps(result).encode())
        else:
            self.serve(content)

    def serve(self, content: dict[str, Any]) -> None:
        """Take one message as the plan says."""
        key = self.headers["Idempotency-Key"]
        with lock:
            step = steps.pop(0) if steps else {}
            calls.append({"path": self.path, "key": key, **dict(self.headers), "content": content})
            known = key in taken
            if step.get("take", True):
                taken.setdefault(key, content)
        time.sleep(step.get("delay", 0))
        if step.get("drop"):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            self.answer(step.get("status", 409 if known else 201), b"{}")

    def answer(self, status: int, body: bytes) -> None:
        """Send an answer to whoever is still there."""
        try:
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: the test asks for what was seen."""


class Server(ThreadingHTTPServer):
    """On a socket that listens already."""

    daemon_threads = True

    def __init__(self, descriptor: int) -> None:
        super().__init__(("127.0.0.1", 0), Provider, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=descriptor)


if __name__ == "__main__":
    Server(int(sys.argv[1])).serve_forever()
