"""``make check``: every check that is not a test, side by side; what fails says why."""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
PYTHON = sys.executable
MANAGE = [PYTHON, "manage.py"]


@dataclass(frozen=True)
class Check:
    """One command that must end with 0.

    Attributes:
        name: what it proves, in a few words.
        command: program and arguments, run at the root of the checkout.
        environment: variables to add.
    """

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def checks(scratch: Path) -> list[Check]:
    """Return the checks, the longest first; ``scratch`` is a directory to write in."""
    tests = {"DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    production = production_environment(scratch)
    ruff, djlint = str(TOOLS / "ruff"), str(TOOLS / "djlint")
    return [
        Check("demo loads, and twice changes nothing", [PYTHON, "-m", "tests.support.demo"], tests),
        Check("types (mypy)", [str(TOOLS / "mypy")], tests),
        # Its formatter is not used: it eats spaces that one sees, as in `<span>Menu de </span>`.
        Check("templates are right (djlint)", [djlint, "--lint", "--quiet", "templates"]),
        Check("static files are collected", [*MANAGE, "collectstatic", "--no-input"], production),
        Check(
            "production settings (check --deploy)",
            [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
            production,
        ),
        Check(
            "no migration is missing", [*MANAGE, "makemigrations", "--check", "--dry-run"], tests
        ),
        Check("imports go one way (import-linter)", [str(TOOLS / "lint-imports")]),
        Check("code is right (ruff)", [ruff, "check", "."]),
        Check("code is formatted (ruff)", [ruff, "format", "--check", "."]),
        Check("both lock files agree", [PYTHON, "-m", "tests.support.locks"]),
    ]


def production_environment(scratch: Path) -> dict[str, str]:
    """Return what production needs to start, all invented; no server is there to be reached."""
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "FINGERPRINT_KEY": secrets.token_urlsafe(32),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "ALLOWED_HOSTS": "espace.example",
        "BASE_URL": "https://espace.example",
        "EMAIL_HOST": "mail.example",
        "STATIC_ROOT": str(scratch / "static"),
        "MEDIA_ROOT": str(scratch / "media"),
    }


def run(check: Check) -> tuple[Check, int, str, float]:
    """Run a check and return it with its exit code, output and seconds."""
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "ignore"} | check.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return check, done.returncode, done.stdout, time.monotonic() - started


def main() -> int:
    """Run every check, two at a time, and return 1 where one failed."""
    failed = []
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(run, check) for check in checks(Path(scratch))]
        for finished in as_completed(runs):
            check, code, output, seconds = finished.result()
            say(f"{'ok    ' if code == 0 else 'FAILED'} {seconds:5.1f} s  {check.name}")
            if code:
                failed.append(check.name)
                say("".join(f"    {line}\n" for line in output.splitlines()))
    say(f"{len(failed)} checks failed: {'; '.join(failed)}." if failed else "Every check passed.")
    return 1 if failed else 0


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
