"""The terminal: plain sentences out, each with the seconds since the start; Ctrl-C in."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType


class Refusal(Exception):
    """Why ``make run`` cannot go on, and what helps: the last thing it says."""


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, SIGTERM, a closed terminal, or ``make`` is gone."""


class Ending:
    """Whether somebody asked for the end."""

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        """Listen to the signals from now on, and note who started us."""
        self.reason: str | None = None
        self.parent = os.getppid()
        for signum in self.signals:
            if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:  # nohup
                signal.signal(signum, self.ask)

    def ask(self, signum: int, frame: FrameType | None) -> None:
        """Note the first signal and leave whatever is going on.

        Raises:
            Stopped: at once. Python drops it where a destructor happens to run; then `check`
                raises it again.
        """
        if self.reason is None:
            self.reason = "Ctrl-C" if signum == signal.SIGINT else signal.Signals(signum).name
            raise Stopped(self.reason)

    def check(self) -> None:
        """Stop if a signal came, or if ``make`` was killed: Ctrl-C would no longer reach us.

        Raises:
            Stopped: one of both.
        """
        if self.reason is None and os.getppid() != self.parent:
            self.reason = "the command that started this is gone"
        if self.reason is not None:
            raise Stopped(self.reason)

    def ignore_more(self) -> None:
        """Go on to the end, whatever signal comes."""
        self.reason = self.reason or "done"

    @classmethod
    @contextlib.contextmanager
    def later(cls) -> Iterator[None]:
        """Hold signals back for a moment in which nothing must be left half done."""
        signal.pthread_sigmask(signal.SIG_BLOCK, cls.signals)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, cls.signals)

    @classmethod
    def forget(cls) -> None:
        """In a new child before ``exec``: signals mean again what they mean to any program."""
        for signum in cls.signals:
            signal.signal(signum, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, cls.signals)


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
