"""Plain sentences in the terminal, each with the seconds since the start."""

import sys
import time


class Refusal(Exception):
    """Why ``make run`` cannot go on, and what helps: the last thing it says."""


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, SIGTERM, a closed terminal, or ``make`` is gone."""


class Console:
    """The terminal that ``make run`` was started in."""

    def __init__(self) -> None:
        """Start the clock."""
        self.started = time.monotonic()

    def say(self, sentence: str) -> None:
        """Write a sentence with the time it came at."""
        self.write(f"[{time.monotonic() - self.started:5.1f} s] {sentence}")

    def write(self, line: str = "") -> None:
        """Write a line as it is.

        Raises:
            Stopped: nobody reads any more.
        """
        try:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        except (BrokenPipeError, OSError) as error:
            raise Stopped("the terminal is gone") from error
