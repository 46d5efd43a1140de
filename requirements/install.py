"""Build ``.venv`` from the hashed requirements, only when they changed since the last time.

Usage: ``python3 requirements/install.py base|dev``. It runs before anything is installed, so it
needs nothing but Python, pip and venv.
"""

import fcntl
import hashlib
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parent / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"  # exists while packages are being installed
OLDEST = (3, 11)


def say(sentence: str) -> None:
    """Write one line for the person who is waiting, beside any output that a program reads."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def is_installed(lock: str) -> bool:
    """Whether the environment works and holds exactly what ``lock`` lists."""
    stamps = [stamp(lock)] if lock == "dev" else [stamp("base"), stamp("dev")]
    return any(path.exists() for path in stamps) and not UNFINISHED.exists() and PYTHON.exists()


def stamp(lock: str) -> Path:
    """Return the file that tells that this very version of the lock file is installed."""
    digest = hashlib.sha256((HERE / f"{lock}.txt").read_bytes()).hexdigest()[:16]
    return VENV / f"installed-{lock}-{digest}"


def make_environment() -> None:
    """Create the environment, anew if it is broken or if an installation was interrupted."""
    works = PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0
    if not works or UNFINISHED.exists():
        say(f"Creating .venv with Python {sys.version.split()[0]} …")
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def install(lock: str) -> None:
    """Install what ``lock`` lists, each file checked against its hash."""
    make_environment()
    for old in VENV.glob("installed-*"):
        if lock == "base" or old.name.startswith("installed-dev"):
            old.unlink()
    UNFINISHED.touch()
    pip = [
        str(PYTHON),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--quiet",
    ]
    options = ["--require-hashes", "--no-deps", "--requirement", str(HERE / f"{lock}.txt")]
    subprocess.run([*pip, *options], check=True)
    UNFINISHED.unlink()
    stamp(lock).touch()


def main() -> None:
    """Install the lock file that the command line names."""
    if sys.version_info < OLDEST:
        found = sys.version.split()[0]
        sys.exit(f"Python 3.11 or newer is needed and this is {found}: try make PYTHON=python3.12")
    lock = sys.argv[1]
    if is_installed(lock):
        return
    with (HERE / f"{lock}.txt").open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two commands at once: the second one waits
        if is_installed(lock):
            return
        packages = (HERE / f"{lock}.txt").read_text().count("==")
        say(f"Installing {packages} packages into .venv (a minute or two the first time) …")
        started = time.monotonic()
        try:
            install(lock)
        except subprocess.CalledProcessError as error:
            UNFINISHED.unlink(missing_ok=True)  # pip undoes what it could not do
            sys.exit(f"The installation failed (exit {error.returncode}); the reason is above.")
        say(f"Packages installed in {time.monotonic() - started:.0f} s.")


main()
