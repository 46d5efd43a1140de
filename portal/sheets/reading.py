"""Reading a spreadsheet that somebody sends: CSV or XLSX, streamed, with bounds on what it unpacks.

Both give the same thing: rows of texts, each with its line number as the sender's program shows
it. What the columns mean is the caller's.
"""

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from openpyxl import load_workbook

from portal.ui.errors import DomainError

Rows = Iterator[tuple[int, list[str]]]

_ZIP = b"PK\x03\x04"
_DELIMITERS = ";,\t"
#: A workbook that unpacks to more than this, in bytes, is refused before it is unpacked.
MAX_UNPACKED = 300 * 1024 * 1024
#: Columns read of a line; a sheet may claim 16,384 of them to exhaust us.
MAX_COLUMNS = 40
_BLOCK = 1 << 16


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
        rows = csv.reader(text, delimiter=delimiter)
        number = 1
        for cells in rows:
            yield number, cells
            number = rows.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            "Une ligne du fichier est illisible\u00a0: un guillemet n’est pas refermé, ou une "
            "cellule est immense."
        ) from error
    finally:
        with suppress(ValueError):  # the caller closed it already
            text.detach()


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
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise UnreadableFile(
                "Ce classeur est démesuré une fois décompressé. Gardez une seule feuille, sans "
                "mise en forme, ou enregistrez-la en CSV."
            )
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except UnreadableFile:
        raise
    except Exception as error:  # a broken or hostile archive fails in any of openpyxl's ways
        raise UnreadableFile from error
    try:
        sheet: Any = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise UnreadableFile("Ce classeur n’a pas de feuille de calcul.")
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1):
            yield number, [_text(cell) for cell in cells]
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile from error
    finally:
        book.close()


def _text(cell: object) -> str:
    """Return a cell as its sender sees it; a whole number without its decimals."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
