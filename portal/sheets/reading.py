"""Reading a spreadsheet that somebody sends: CSV or XLSX, streamed, with bounds on what it unpacks.

Both give the same thing: rows of texts, each with its line number as the sender's program shows
it. What the columns mean is the caller's.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, TextIO

from portal.sheets import xlsx
from portal.ui.errors import DomainError

Rows = Iterator[tuple[int, list[str]]]

_ZIP = b"PK\x03\x04"
_DELIMITERS = ";,\t"
_BLOCK = 1 << 16
#: Characters of one line of text, and lines that one row may take between its quotes.
_MAX_LINE = 1 << 20
_MAX_LINES = 1000


class UnreadableFile(DomainError):
    """The file is no spreadsheet that we read; the message says what to change."""

    default_code = "unreadable_file"
    default_message = (
        "Ce fichier n’est ni un CSV ni un classeur Excel (XLSX). Dans votre tableur, choisissez "
        "«\u00a0Enregistrer sous\u00a0», puis «\u00a0CSV\u00a0» ou «\u00a0XLSX\u00a0»."
    )


def read(file: BinaryIO, *, max_bytes: int) -> Rows:
    """Yield the rows of a CSV or XLSX file, the first one included.

    Args:
        file: seekable, opened in binary.
        max_bytes: the largest file accepted.

    Raises:
        UnreadableFile: too big, empty, or neither format; while rows are read too.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > max_bytes:
        raise UnreadableFile(
            f"Ce fichier dépasse {max_bytes // 1_000_000}\u00a0Mo. Coupez-le en plusieurs fichiers."
        )
    if not size:
        raise UnreadableFile("Ce fichier est vide.")
    start = file.read(len(_ZIP))
    file.seek(0)
    return _xlsx(file) if start == _ZIP else _csv(file)


def _csv(file: BinaryIO) -> Rows:
    text = io.TextIOWrapper(file, encoding=_encoding(file), errors="replace", newline="")
    try:
        first = text.readline(_BLOCK)
        if not first.strip() and not text.read(1):
            raise UnreadableFile("Ce fichier est vide.")
        delimiter = max(_DELIMITERS, key=first.count)
        text.seek(0)
        lines = _Lines(text)
        rows = csv.reader(lines, delimiter=delimiter)
        number = 1
        for cells in rows:
            yield number, cells
            number = rows.line_num + 1
            lines.taken = 0
    except csv.Error as error:
        raise UnreadableFile(
            "Une ligne du fichier est illisible\u00a0: un guillemet n’est pas refermé, ou une "
            "cellule est immense."
        ) from error
    finally:
        with suppress(ValueError):  # the caller closed it already
            text.detach()


class _Lines:
    """The lines of a text; one that never ends is an error, and so is a row of too many."""

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.taken = 0  # lines since the last row

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(_MAX_LINE):
            self.taken += 1
            if len(line) == _MAX_LINE or self.taken > _MAX_LINES:
                raise csv.Error
            yield line


def _encoding(file: BinaryIO) -> str:
    """Return ``utf-8-sig``, or ``cp1252`` where the bytes are no UTF-8; refuse what is no text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8-sig"
    while block := file.read(_BLOCK):
        if b"\0" in block:
            raise UnreadableFile
        if encoding == "cp1252":
            continue
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            encoding = "cp1252"
    with suppress(UnicodeDecodeError):
        decoder.decode(b"", final=True)
        file.seek(0)
        return encoding
    file.seek(0)
    return "cp1252"


def _xlsx(file: BinaryIO) -> Rows:
    try:
        yield from xlsx.rows(file)
    except xlsx.Oversized as error:
        raise UnreadableFile(
            "Ce classeur est démesuré une fois décompressé. Gardez une seule feuille, sans "
            "mise en forme, ou enregistrez-la en CSV."
        ) from error
    except xlsx.Broken as error:
        raise UnreadableFile from error
