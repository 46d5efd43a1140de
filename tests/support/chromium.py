"""Find a headless Chromium, or install one: Debian's package as root, else Playwright's own.

``python -m tests.support.chromium`` does both and says what it did; it never fails, because the
tests report a missing browser themselves.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    # Pages must not need anything from elsewhere: nothing else has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
MINUTES = 10 * 60  # seconds given to one way of installing


def find() -> str | None:
    """Return the path of a Chromium: CHROMIUM's, else one on PATH, else Playwright's."""
    named = os.environ.get("CHROMIUM", "").strip()
    if named:
        return shutil.which(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> str | None:
    """Install a Chromium and return its path, None where no way worked."""
    ways = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = ["apt-get", "--quiet", "--quiet", "--yes"]
        ways.append([[*quiet, "update"], [*quiet, "install", "chromium"]])
    ways.append([[sys.executable, "-m", "playwright", "install", "chromium"]])
    for way in ways:
        if all(succeeds(command) for command in way):
            found = find()
            if found:
                return found
    return None


def succeeds(command: list[str]) -> bool:
    """Whether the command ended well, in time."""
    say(f"  {' '.join(command)} …")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=MINUTES, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"  failed: {error}")
        return False
    if done.returncode:
        say(f"  failed (exit {done.returncode}): {(done.stderr or done.stdout).strip()[-400:]}")
    return done.returncode == 0


def say(sentence: str) -> None:
    """Write one line."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def main() -> None:
    """Make sure that there is a Chromium, and say so where there was none."""
    if find():
        return
    say("No Chromium here: installing one for the browser tests …")
    found = install()
    say(f"Chromium is installed: {found}" if found else "No Chromium could be installed.")


if __name__ == "__main__":
    main()
