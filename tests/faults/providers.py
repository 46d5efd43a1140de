"""Providers of messages that refuse, quoting the recipient as real ones do."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage


class RefusingSms:
    """Reaches a provider that takes nothing."""

    keeps_text_in_journal = False

    def send(self, *, to: str, text: str, key: str) -> None:
        """Refuse."""
        raise OSError(f"400 Bad Request: {to} cannot receive {text!r}")


class PostOffice(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps what it takes, and refuses some recipients by name."""

    daemon_threads = True

    def __init__(self, *refused: str) -> None:
        """Listen on a free port; ``refused`` are addresses."""
        self.refused = refused
        self.taken: list[EmailMessage] = []
        self.refusals = 0
        super().__init__(("127.0.0.1", 0), Counter)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def to(self, address: str) -> list[EmailMessage]:
        """Return what it took for ``address``, the oldest first."""
        return [one for one in self.taken if one["To"] == address]


class Counter(socketserver.StreamRequestHandler):
    """One conversation."""

    server: PostOffice

    def handle(self) -> None:
        """Talk until QUIT."""
        self.say("220 post office")
        for line in self.rfile:
            verb = line.decode().strip()
            if verb.upper().startswith("RCPT") and any(one in verb for one in self.server.refused):
                self.server.refusals += 1
                self.say(f"550 5.1.1 {verb}: Recipient address rejected: User unknown")
            elif verb.upper() == "DATA":
                self.say("354 go on")
                self.take()
            elif verb.upper() == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 OK")

    def take(self) -> None:
        """Keep one message."""
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.server.taken.append(message)
        self.say("250 taken")

    def say(self, text: str) -> None:
        """Write one line."""
        self.wfile.write(f"{text}\r\n".encode())


@contextlib.contextmanager
def post_office(*refused: str) -> Iterator[PostOffice]:
    """Run an SMTP server that refuses these recipients."""
    with PostOffice(*refused) as office:
        threading.Thread(target=office.serve_forever, daemon=True).start()
        try:
            yield office
        finally:
            office.shutdown()
