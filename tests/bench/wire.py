"""HTTP over raw sockets, for programs that must cost less than the server that they measure."""

import gzip
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

HOST = "127.0.0.1"
COUNTED = "X-Bench: 1"  # asks for the number of SQL queries, which costs the server a little
HTMX = "HX-Request: true"
BARE = "/__nu__/"  # the address of the bare view
BLOCK = 256 * 1024  # bytes read at once
TIMEOUT = 30.0  # seconds
END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=;\r]+)=([^;\r]*)", re.IGNORECASE)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_FORM = re.compile(r"<form[^>]* action=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)


class WrongAnswerError(Exception):
    """The server answered something else than what a partner would have to see."""


def request_bytes(
    path: str,
    *,
    port: int,
    cookies: dict[str, str] | None = None,
    fields: dict[str, str] | None = None,
    headers: Iterable[str] = (),
) -> bytes:
    """Return a whole request: a GET, or a POST of the form ``fields``.

    Args:
        path: with its query.
        port: of the server.
        cookies: to send.
        fields: of a form; None for a GET.
        headers: more lines.
    """
    body = urlencode(fields).encode() if fields is not None else b""
    lines = [
        f"{'GET' if fields is None else 'POST'} {path} HTTP/1.1",
        f"Host: {HOST}:{port}",
        "Accept: text/html",
        "Accept-Encoding: gzip",
        "Accept-Language: fr",
    ]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    if fields is not None:
        lines.append("Content-Type: application/x-www-form-urlencoded")
        lines.append(f"Content-Length: {len(body)}")
    lines += headers
    return "\r\n".join(lines).encode() + END_OF_HEAD + body


def answer_length(received: bytes | bytearray) -> int:
    """Return the length in bytes of the answer that starts ``received``, 0 while unknown.

    Raises:
        WrongAnswerError: it does not tell its length.
    """
    head_ends = received.find(END_OF_HEAD)
    if head_ends < 0:
        return 0
    found = _LENGTH.search(received, 0, head_ends + 2)
    if found is None and received[9:12] not in {b"204", b"304"}:
        raise WrongAnswerError(f"An answer without a length: {bytes(received[:200])!r}")
    return head_ends + len(END_OF_HEAD) + (int(found.group(1)) if found else 0)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; ``raw`` is all of it."""

    raw: bytes

    @property
    def status(self) -> int:
        """The status."""
        return int(self.raw[9:12])

    @property
    def head(self) -> bytes:
        """The headers, with the first line."""
        return self.raw[: self.raw.index(END_OF_HEAD) + 2]

    @property
    def body(self) -> bytes:
        """The body, as it was sent."""
        return self.raw[self.raw.index(END_OF_HEAD) + len(END_OF_HEAD) :]

    @property
    def text(self) -> str:
        """The body of a page."""
        compressed = self.header("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if compressed else self.body).decode()

    def header(self, name: str) -> str:
        """Return a header's value, empty where it is missing."""
        found = re.search(rb"\r\n%s: *([^\r]*)" % name.encode(), self.head, re.IGNORECASE)
        return found.group(1).decode("latin-1") if found else ""

    @property
    def queries(self) -> int:
        """SQL queries that a counted request cost."""
        return int(self.header("x-bench-queries") or 0)

    def form(self, action: str) -> dict[str, str]:
        """Return the hidden fields of the first form that goes to ``action``.

        Raises:
            WrongAnswerError: the page has no such form.
        """
        for target, content in _FORM.findall(self.text):
            if target == action:
                return dict(_HIDDEN.findall(content))
        raise WrongAnswerError(f"No form goes to {action} on a page of status {self.status}.")


def connect(port: int) -> socket.socket:
    """Return a connection to the server."""
    link = socket.create_connection((HOST, port), timeout=TIMEOUT)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def exchange(link: socket.socket, request: bytes) -> Answer:
    """Send a request and return its answer.

    Raises:
        ConnectionError: the server closed the connection.
    """
    link.sendall(request)
    received = bytearray()
    while not (length := answer_length(received)) or len(received) < length:
        block = link.recv(BLOCK)
        if not block:
            raise ConnectionError("The server closed the connection.")
        received += block
    return Answer(bytes(received))


@dataclass
class Visitor:
    """One person's browser, as far as the server can tell: a connection, cookies, redirects."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    counted: bool = False
    requests: int = 0
    queries: int = 0
    link: socket.socket | None = None

    def get(self, path: str) -> Answer:
        """Read a page."""
        return self._ask(path, None, [])

    def post(
        self, path: str, fields: dict[str, str], *, follow: bool = True, htmx: bool = False
    ) -> Answer:
        """Send a form and, as a browser does, go where the answer leads."""
        answer = self._ask(path, fields, [HTMX] if htmx else [])
        if follow and answer.status in {302, 303}:
            target = urlsplit(answer.header("location"))
            return self.get(target.path + (f"?{target.query}" if target.query else ""))
        return answer

    def close(self) -> None:
        """Close the connection."""
        if self.link is not None:
            self.link.close()
            self.link = None

    def _ask(self, path: str, fields: dict[str, str] | None, headers: list[str]) -> Answer:
        if self.link is None:
            self.link = connect(self.port)
        request = request_bytes(
            path,
            port=self.port,
            cookies=self.cookies,
            fields=fields,
            headers=[*headers, COUNTED] if self.counted else headers,
        )
        answer = exchange(self.link, request)
        for name, value in _COOKIE.findall(answer.head):
            self.cookies[name.decode()] = value.decode()
        self.requests += 1
        self.queries += answer.queries
        if answer.header("connection").lower() == "close":
            self.close()
        if answer.status >= 400:
            raise WrongAnswerError(f"{path} answered {answer.status}.")
        return answer
