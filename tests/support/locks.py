"""Check that development runs on production's very packages."""

import re
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"


def pins(name: str) -> set[str]:
    """Return the ``package==version ; marker`` lines of a lock file."""
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    return {line.rstrip(" \\") for line in re.findall(r"^[a-z0-9].*$", text, re.MULTILINE)}


def main() -> int:
    """Return 1 and name the packages where dev.txt does not pin what base.txt pins."""
    missing = sorted(pins("base") - pins("dev"))
    for pin in missing:
        sys.stdout.write(f"base.txt has {pin} and dev.txt has not: make lock\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
