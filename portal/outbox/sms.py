"""SMS backends. The journal is the default: the back office shows what would have left."""

import sys


class JournalSmsBackend:
    """Sends nothing: the journal's row is the message."""

    keeps_text_in_journal = True

    def send(self, *, to: str, text: str, key: str) -> None:
        """Leave the message in the journal, where it already is."""


class ConsoleSmsBackend(JournalSmsBackend):
    """Writes each SMS to the terminal as well: for development."""

    def send(self, *, to: str, text: str, key: str) -> None:
        """Write the message to the standard output."""
        sys.stdout.write(f"SMS {to}: {text}\n")
        sys.stdout.flush()
