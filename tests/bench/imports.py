"""How long a lot takes, and how much memory: ``python -m tests.bench.imports [codes …]``.

The database is one of its own, dropped afterwards. Each lot is measured in a process of its own,
so that the peak of its memory is its alone; the same process reads the file and imports the codes.
"""

import gc
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.measure import say

SIZES = (100_000, 1_000_000)
_SLICE = 10_000  # lines made at once


def lines(codes: int) -> Iterator[bytes]:
    """Yield a CSV of invented codes, in blocks."""
    yield b"produit;code;expiration;serie\r\n"
    for start in range(0, codes, _SLICE):
        numbers = range(start, min(codes, start + _SLICE))
        yield b"".join(b"monde;%010d;31/12/2099;%07d\r\n" % (one, one) for one in numbers)


def workbook(codes: int) -> Iterator[bytes]:
    """Yield the same as XLSX."""
    from openpyxl import Workbook  # noqa: PLC0415  (only where it is asked for)

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet()
    sheet.append(["produit", "code", "expiration", "serie"])
    for one in range(codes):
        sheet.append(["monde", f"{one:010d}", "31/12/2099", f"{one:07d}"])
    out = io.BytesIO()
    book.save(out)
    yield out.getvalue()


def measure(codes: int, form: str) -> dict[str, float]:
    """Import a lot into the database of the environment; return seconds and megabytes."""
    import django  # noqa: PLC0415  (it reads the environment)

    django.setup()
    from portal.accounts.models import User  # noqa: PLC0415
    from portal.accounts.roles import Role  # noqa: PLC0415
    from shop.recharges import imports  # noqa: PLC0415

    by = User.objects.filter(groups__name=Role.REFERENT)[0]
    draft = imports.begin(by=by)
    imports.fill(draft, lines(codes) if form == "csv" else workbook(codes))
    gc.collect()
    forget_peak()
    before = peak()
    times = [time.monotonic()]
    imports.deposited(draft, name=f"{codes}")
    imports.staging.run(draft.pk)
    times.append(time.monotonic())
    lot = imports.commit(by=by, draft=draft.uuid)
    times.append(time.monotonic())
    if lot.size != codes:
        raise AssertionError(lot.size)
    return {
        "megabytes in": draft.size / 1e6,
        "reading s": times[1] - times[0],
        "import s": times[2] - times[1],
        "before MB": before,
        "peak MB": peak(),
    }


def forget_peak() -> None:
    """Let the kernel count this process's peak anew (Linux): making the file is no part of it."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """Return the most memory that this process held since, in MB."""
    (found,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found) * 1024 / 1e6


def run(codes: int, form: str = "csv") -> dict[str, float]:
    """Measure one lot in a process of its own, on the database of ``DATABASE_URL``."""
    command = [sys.executable, "-m", "tests.bench.imports", "--one", str(codes), form]
    done = subprocess.run(command, env=os.environ, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure lots of each size and print a line each; each has a database of its own."""
    import django  # noqa: PLC0415

    django.setup()
    from portal.accounts.roles import Role  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415
    from tests.bench import world  # noqa: PLC0415

    for codes in sizes:
        for form in ("csv", "xlsx") if codes <= SIZES[0] else ("csv",):
            with world.database() as url:
                factories.product()
                factories.UserFactory(role=Role.REFERENT)
                os.environ["DATABASE_URL"] = url
                found = run(codes, form)
            figures = ", ".join(f"{name} {value:.1f}" for name, value in found.items())
            say(f"{codes:,} codes, {form}: {figures}")


if __name__ == "__main__":
    if "--one" in sys.argv:
        at = sys.argv.index("--one")
        sys.stdout.write(json.dumps(measure(int(sys.argv[at + 1]), sys.argv[at + 2])) + "\n")
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
        table(tuple(int(one) for one in sys.argv[1:]) or SIZES)
