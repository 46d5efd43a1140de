"""Reading an XLSX as a stream: a workbook of a million lines, or a hostile one, in little memory.

openpyxl keeps an element for every row and text that it read, so that a workbook of a few
kilobytes can fill gigabytes. Here the parts are parsed by expat as they are unpacked; nothing is
kept but the shared texts (ECMA-376, part 1, chapter 18.4.9), side by side in one buffer.
"""

import lzma
import posixpath
import struct
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from typing import IO, Any, BinaryIO
from xml.parsers import expat

from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

#: Excel's own limit of lines on a sheet.
MAX_ROWS = 1_048_576
#: Columns read of a line; a sheet may claim 16,384 of them to exhaust us.
MAX_COLUMNS = 40
_SHEET_COLUMNS = 16_384
#: Bytes that all parts may unpack to; a million lines of four texts take some 300 MB.
MAX_UNPACKED = 600_000_000
#: A sheet packs some ten times smaller; what packs better than this is no list, unless it is small.
MAX_RATIO = 40
_SMALL = 50_000_000
#: Shared texts: their number, and their bytes altogether.
MAX_TEXTS = 3_000_000
MAX_TEXT_BYTES = 150_000_000
_MAX_CELL = 32_767  # characters that Excel lets a cell hold
_MAX_DIRECTORY = 1_000_000  # bytes of the archive's list of parts
_MAX_PART = 5_000_000  # bytes of a part that is read whole: relations, styles
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number
_BLOCK = 1 << 16
#: How a damaged or foreign archive makes zipfile, its decompressors and expat fail.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    expat.ExpatError,
    struct.error,
    ArithmeticError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    ValueError,
)
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Broken(Exception):
    """The workbook is damaged, or none."""


class Oversized(Exception):
    """The workbook unpacks to more than any list that people keep."""


def rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of the first sheet that are there, each with its number and its texts.

    Raises:
        Broken: it is no workbook that we understand; while lines are read too.
        Oversized: a limit above is passed; nothing was unpacked beyond it.
    """
    try:
        size = _check_directory(file)
        most = min(MAX_UNPACKED, max(_SMALL, MAX_RATIO * size))
        with zipfile.ZipFile(file) as archive:
            if sum(part.file_size for part in archive.infolist()) > most:
                raise Oversized
            yield from _Workbook(archive).rows()
    except _DAMAGE as error:
        raise Broken from error


def _check_directory(file: BinaryIO) -> int:
    """Look at the size of the archive's list of parts before it is read; return the file's."""
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise Broken
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if directory > _MAX_DIRECTORY:
        raise Oversized
    file.seek(0)
    return size


class _Workbook:
    """The parts of an archive that tell what its first sheet shows."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        office = self._targets("", "_rels/.rels")
        book = next((path for kind, path in office.values() if kind == "officeDocument"), "")
        if not book:
            raise Broken
        folder, name = posixpath.split(book)
        parts = self._targets(folder, posixpath.join(folder, "_rels", f"{name}.rels"))
        root = self._tree(book)
        sheet = root.find(".//{*}sheets/{*}sheet")
        if sheet is None:
            raise Broken
        self.sheet = parts[sheet.get(_ID, "")][1]
        properties = root.find("{*}workbookPr")
        mac = properties is not None and properties.get("date1904") in {"1", "true"}
        self.epoch = MAC_EPOCH if mac else WINDOWS_EPOCH
        by_kind = dict(parts.values())
        self.texts = _Texts()
        if path := by_kind.get("sharedStrings"):
            _parse(self.archive.open(path), self.texts)
        self.dates = self._date_styles(by_kind.get("styles"))

    def _tree(self, path: str) -> Any:
        part = self.archive.getinfo(path)
        if part.file_size > _MAX_PART:
            raise Oversized
        return fromstring(self.archive.read(part), forbid_dtd=True)

    def _targets(self, folder: str, path: str) -> dict[str, tuple[str, str]]:
        """Return the kind and the path of each related part, by its identifier."""
        found = {}
        for one in self._tree(path).iter(f"{_RELATIONS}Relationship"):
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))
            found[one.get("Id", "")] = (one.get("Type", "").rpartition("/")[2], target[1:])
        return found

    def _date_styles(self, path: str | None) -> set[str]:
        """Return the styles, by number, that show a number as a date."""
        if path is None:
            return set()
        root = self._tree(path)
        formats = dict(BUILTIN_FORMATS)
        for one in root.iterfind("{*}numFmts/{*}numFmt"):
            formats[int(one.get("numFmtId", "0"))] = one.get("formatCode", "")
        return {
            str(index)
            for index, one in enumerate(root.iterfind("{*}cellXfs/{*}xf"))
            if is_date_format(formats.get(int(one.get("numFmtId", "0")), ""))
        }

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Unpack the sheet block by block, and yield what each block completes."""
        sheet = _Sheet(self)
        for _ in _blocks(self.archive.open(self.sheet), sheet):
            yield from sheet.done
            sheet.done.clear()


def _blocks(part: IO[bytes], handler: Any) -> Iterator[None]:
    """Feed a part to expat, and pause after each block."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = _refuse
    with part:
        while block := part.read(_BLOCK):
            parser.Parse(block, False)
            yield
    parser.Parse(b"", True)
    yield


def _parse(part: IO[bytes], handler: Any) -> None:
    for _ in _blocks(part, handler):
        pass


def _refuse(*args: object) -> None:
    """Refuse a document type: entities are the way to a bomb of another kind."""
    raise Broken


class _Texts:
    """The shared texts, one after the other; a text is known by its number."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.ends = array("L", [0])
        self.reading = False
        self.spoken = 0  # depth within a reading aid (``rPh``), which is no text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        self.reading = tag == "t" and not self.spoken
        self.spoken += tag == "rPh"

    def text(self, data: str) -> None:
        if self.reading:
            self.bytes += data.encode()
            if len(self.bytes) > MAX_TEXT_BYTES:
                raise Oversized

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        self.reading = False
        self.spoken -= tag == "rPh"
        if tag == "si":
            self.ends.append(len(self.bytes))
            if len(self.ends) > MAX_TEXTS:
                raise Oversized

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self.ends) - 1:
            raise Broken
        return self.bytes[self.ends[number] : self.ends[number + 1]].decode()


class _Sheet:
    """The lines of a sheet, as its XML goes by."""

    def __init__(self, book: _Workbook) -> None:
        self.book = book
        self.done: list[tuple[int, list[str]]] = []
        self.number = 0
        self.cells: list[str] = []
        self.column = -1
        self.kind = self.style = ""
        self.value: list[str] = []
        self.length = 0
        self.reading = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "row":
            self._open_row(attributes.get("r", ""))
        elif tag == "c":
            place = attributes.get("r", "")
            last, self.column = self.column, _column(place) if place else self.column + 1
            if not last < self.column < _SHEET_COLUMNS:
                raise Broken
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
            self.value.clear()
            self.length = 0
        self.reading = tag in {"v", "t"} and self.column < MAX_COLUMNS

    def text(self, data: str) -> None:
        if self.reading:
            self.value.append(data)
            self.length += len(data)
            if self.length > _MAX_CELL:
                raise Oversized

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        self.reading = False
        if tag == "c" and self.value and self.column < MAX_COLUMNS:
            self.cells += [""] * (self.column + 1 - len(self.cells))
            self.cells[self.column] = self._shown("".join(self.value))
        elif tag == "row":
            self.done.append((self.number, self.cells))

    def _open_row(self, number: str) -> None:
        last, self.number = self.number, int(number) if number else self.number + 1
        if self.number > MAX_ROWS:
            raise Oversized
        if self.number <= last:
            raise Broken
        self.cells, self.column = [], -1

    def _shown(self, value: str) -> str:
        """Return a cell as its sender sees it; a whole number without its decimals."""
        if self.kind == "s":
            return self.book.texts[int(value)]
        if self.kind == "b":
            return "VRAI" if value == "1" else "FAUX"
        if self.kind != "n":
            return value[:10] if self.kind == "d" else value
        number = float(value)
        if self.style in self.book.dates and number >= 1:
            return str(from_excel(number, self.book.epoch))[:10]
        if not number.is_integer():
            return repr(number)
        # Beyond 15 digits the spreadsheet lost some: what it shows says so, and so do we.
        return str(int(number)) if abs(number) < _EXACT else f"{number:.5E}"


def _column(place: str) -> int:
    """Return 0 for ``A12``, 26 for ``AA12``."""
    number = 0
    for char in place:
        if not "A" <= char <= "Z":
            break
        number = number * 26 + ord(char) - 64
    return number - 1
