"""The one table."""

import gzip
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.bench.load import Pace


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        name: what was asked for.
        alone: one connection, or one client.
        busy: eight connections, or four clients.
        requests: HTTP requests of one.
        queries: SQL queries of one.
        body: a page, as it was sent.
        ratio: requests a second of the bare view over this page's.
    """

    name: str
    alone: Pace
    busy: Pace
    requests: int = 1
    queries: int = 0
    body: bytes | None = None
    ratio: float = 1.0

    def cells(self) -> list[str]:
        """Return the words of the line."""
        paces = [cell for one in (self.alone, self.busy) for cell in pace(one)]
        page = ["", "", ""]
        if self.body is not None:
            sizes = [len(self.body), len(gzip.compress(self.body, 6))]
            page = [*(f"{size:,}" for size in sizes), f"{self.ratio:.1f}"]
        return [self.name, *paces, str(self.requests), str(self.queries), *page]


HEADS = ["", "/s", "p50", "p99", "/s", "p50", "p99", "requests", "SQL", "bytes", "gzip", "× bare"]


def pace(one: Pace) -> list[str]:
    """Return a pace as words: how many a second, and the milliseconds of p50 and p99."""
    rate = f"{one.rate:,.0f}" if one.rate >= 100 else f"{one.rate:.1f}"
    return [rate, f"{one.percentile(50):.1f}", f"{one.percentile(99):.1f}"]


def plain_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with one line of heads, which is Markdown too."""
    lines = [list(heads), None, *(list(row) for row in rows)]
    return _laid_out(lines)


def table(pages: Iterable[Row], orders: Iterable[Row]) -> str:
    """Return the table, which is Markdown too."""
    above = ["pages", *_spread("1 connection"), *_spread("8 connections"), "", "", "", "", ""]
    between = ["orders", *_spread("1 client"), *_spread("4 clients"), "", "", "", "", ""]
    lines = [
        above,
        None,
        HEADS,
        *(row.cells() for row in pages),
        between,
        *(row.cells() for row in orders),
    ]
    return _laid_out(lines)


def _laid_out(lines: Sequence[list[str] | None]) -> str:
    columns = zip(*(line for line in lines if line is not None), strict=True)
    widths = [max(map(len, column)) for column in columns]
    return "\n".join(_line(line, widths) for line in lines)


def _spread(words: str) -> list[str]:
    first, _, last = words.partition(" ")
    return [first, last, ""]


def _line(cells: list[str] | None, widths: list[int]) -> str:
    if cells is None:
        return "|".join(["", *(f" {'-' * (width - 1)}: " for width in widths), ""])
    first = cells[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "| " + " | ".join([first, *rest]) + " |"


def machine() -> str:
    """Name the day, the processor and the Python that the figures belong to."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    cores = os.cpu_count()
    return f"{date.today()}, {cores} cores ({model}), Python {platform.python_version()}"  # noqa: DTZ011
