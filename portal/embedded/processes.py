"""Processes that die with their parent, and processes known by more than a number.

A process id alone proves nothing: it is given again once its owner is gone, and within a
container soon. An identity here is a process id *and* the moment that process was created.
"""

import contextlib
import ctypes
import fcntl
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def dies_with_parent(signum: int) -> Callable[[], None]:
    """Return a function for a child to call before ``exec``: ``signum`` comes when we die.

    The kernel forgets the request when a process changes account, so it is made last. Systems
    other than Linux have no such request; there the next start cleans up what was recorded.
    """
    parent = os.getpid()

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signum)
            if os.getppid() != parent:  # it died in between
                os._exit(1)

    return ask


def record(path: Path, pids: Iterable[int]) -> None:
    """Write the identities of the living processes among ``pids``."""
    identities = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            identities.append([pid, psutil.Process(pid).create_time()])
    write_atomically(path, json.dumps(identities))


def recorded(path: Path) -> list[psutil.Process]:
    """Return those of the recorded processes that still live under the same identity."""
    try:
        identities = json.loads(path.read_text())
    except (OSError, ValueError):
        return []
    living = []
    for pid, created in identities:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 0.1:
                living.append(process)
    return living


def stop(processes: Iterable[psutil.Process], signum: int = signal.SIGTERM) -> None:
    """Ask the processes to end, wait at most ten seconds, then kill what is left."""
    waiting = list(processes)
    for process in waiting:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signum)
    _, stubborn = psutil.wait_procs(waiting, timeout=10)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=10)


def write_atomically(path: Path, content: str) -> None:
    """Replace a private file: readers see the old content or the new, never a half."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(content)
    draft.replace(path)


def lock(path: Path, *, shared: bool = False, wait: bool = True) -> IO[bytes] | None:
    """Return the file, locked until it is closed or this process ends; None if somebody has it."""
    handle = path.open("ab")
    try:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(handle, kind if wait else kind | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def package_directory(name: str) -> Path:
    """Return where an installed package is, without importing it: we only want its files."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"The package {name} is not installed.", name=name)
    return Path(spec.submodule_search_locations[0])
