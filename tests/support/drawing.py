"""Install what draws PDFs: Debian's packages, as root.

``python -m tests.support.drawing`` says what it did; it never fails, because the tests of the PDF
report a missing library themselves.
"""

import os
import shutil
import subprocess
import sys

from portal.documents.packages import PACKAGES
from tests.support.chromium import say, succeeds

#: A process of its own: a library that appears is not found by one that has missed it.
DRAWS = [sys.executable, "-c", "import weasyprint"]
#: A font with the letters of Ukrainian, Arabic and Dari.
WRITES = ["fc-list", "-q", ":charset=0434 0627 06af"]


def works() -> bool:
    """Whether a PDF can be drawn here, with each of the tickets' alphabets."""
    return all(
        shutil.which(command[0]) and not subprocess.run(command, capture_output=True).returncode
        for command in (DRAWS, WRITES)
    )


def main() -> None:
    """Make sure that PDFs can be drawn, and say so where they could not."""
    if works():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("No library draws PDFs here: installing Debian's …")
        quiet = ["apt-get", "--quiet", "--quiet", "--yes"]
        if succeeds([*quiet, "update"]):
            succeeds([*quiet, "install", *PACKAGES])
    if not works():
        say(f"No PDF can be drawn. Install, as root: apt-get install {' '.join(PACKAGES)}")


if __name__ == "__main__":
    main()
