"""The children of the supervisor: started, listened to, started again, stopped."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from portal.devserver.console import Console, Ending, Refusal
from portal.embedded import processes

LONGEST_WAIT = 30.0  # seconds between two starts of a child that keeps ending
CALM = 60.0  # seconds after which a child counts as healthy again


@dataclass
class Child:
    """A program that runs for as long as the supervisor does.

    Attributes:
        name: shown before each of its lines.
        command: program and arguments.
        essential: whether its end before the first page means that nothing works.
    """

    name: str
    command: Sequence[str]
    essential: bool = False
    process: subprocess.Popen[bytes] | None = None
    rest: bytes = b""
    failures: int = 0
    started: float = 0.0
    start_again_at: float | None = field(default=None)


class Crew:
    """The children, their environment and where their identities are recorded."""

    def __init__(
        self, console: Console, ending: Ending, record: Path, environment: dict[str, str]
    ) -> None:
        """Prepare an empty crew; ``record`` names the file of identities."""
        self.console = console
        self.ending = ending
        self.record = record
        self.environment = environment
        self.children: list[Child] = []
        self.selector = selectors.DefaultSelector()

    def clear_leftovers(self) -> int:
        """Stop what a killed supervisor left behind and return how many processes that were."""
        leftovers = processes.recorded(self.record)
        for process in list(leftovers):
            with contextlib.suppress(psutil.Error):
                leftovers += process.children(recursive=True)
        processes.stop(leftovers)
        self.record.unlink(missing_ok=True)
        return len(leftovers)

    def start(self, child: Child) -> None:
        """Start a child in its own session: Ctrl-C is for the supervisor, which stops in order."""
        with Ending.later():  # no child that nobody knows of
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_in_child(processes.dies_with_parent(signal.SIGTERM)),
            )
            if child not in self.children:
                self.children.append(child)
        child.started = time.monotonic()
        child.start_again_at = None
        processes.record(self.record, [c.process.pid for c in self.children if c.process])
        if child.process.stdout is not None:
            os.set_blocking(child.process.stdout.fileno(), False)
            self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def run(self, name: str, command: Sequence[str], hear: Callable[[str], None]) -> None:
        """Run a program to its end, passing each line of its output to ``hear``.

        Raises:
            Refusal: it failed.
        """
        task = Child(name, command)
        self.start(task)
        lines: list[str] = []
        while task.process is not None:
            self.ending.check()
            for _, line in self.lines(wait=0.2):
                lines.append(line)
                hear(line)
            if task.process.poll() is not None:
                lines += [line for _, line in self.lines(wait=0)]
                break
        code = self.dismiss(task)
        if code:
            shown = "\n".join(f"  {line}" for line in lines[-30:])
            raise Refusal(f"{name} failed (exit {code}):\n{shown}")

    def lines(self, wait: float) -> Iterable[tuple[Child, str]]:
        """Yield what children wrote, waiting at most ``wait`` seconds for the first line."""
        for key, _ in self.selector.select(wait):
            child: Child = key.data
            try:
                block = os.read(key.fd, 65536)
            except OSError:
                block = b""
            if not block:
                self.selector.unregister(key.fileobj)
            *whole, child.rest = (child.rest + block).split(b"\n")
            for line in whole:
                yield child, line.decode(errors="replace").rstrip()

    def show(self, wait: float) -> None:
        """Write what children wrote, each line after its author's name."""
        for child, line in self.lines(wait):
            self.console.write(f"{child.name:<6} | {line}")

    def tend(self, *, serving: bool) -> None:
        """Start children again that ended, each time later, up to every half minute.

        Raises:
            Refusal: an essential child ended before anything was ``serving``.
        """
        now = time.monotonic()
        for child in self.children:
            if child.start_again_at is not None:
                if now >= child.start_again_at:
                    self.start(child)
            elif child.process is not None and child.process.poll() is not None:
                self.show(0)
                code = self.dismiss(child, forget=False)
                if child.essential and not serving:
                    raise Refusal(f"The {child.name} ended at once (exit {code}): see above.")
                child.failures = 1 if now - child.started > CALM else child.failures + 1
                pause = min(2.0 ** (child.failures - 1), LONGEST_WAIT)
                child.start_again_at = now + pause
                how = f"signal {-code}" if code < 0 else f"exit {code}"
                self.console.say(f"The {child.name} ended ({how}): again in {pause:.0f} s.")

    def dismiss(self, child: Child, *, forget: bool = True) -> int:
        """Clear away a child that ended, with all it started, and return its exit code."""
        if child.process is None:
            return 0
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)  # whoever it left behind
        code = child.process.wait()
        if child.process.stdout is not None:
            with contextlib.suppress(KeyError):
                self.selector.unregister(child.process.stdout)
            child.process.stdout.close()
        child.process, child.rest = None, b""
        if forget:
            self.children.remove(child)
        return code

    def stop(self) -> None:
        """Stop every child, side by side, with all that they started."""
        family: list[psutil.Process] = []
        leaders: list[psutil.Process] = []
        for child in self.children:
            with contextlib.suppress(psutil.Error):
                if child.process is not None and child.process.poll() is None:
                    leader = psutil.Process(child.process.pid)
                    leaders.append(leader)
                    family += leader.children(recursive=True)
        processes.stop(leaders)
        processes.stop([process for process in family if process.is_running()])
        for child in list(self.children):
            self.dismiss(child)
        self.record.unlink(missing_ok=True)


def _in_child(ask_to_die: Callable[[], None]) -> Callable[[], None]:
    def prepare() -> None:
        ask_to_die()
        Ending.forget()

    return prepare
