"""Whether the content of a document is what the ending of its name says.

A page of HTML named ``guide.pdf`` would be served by our own address: a browser that guesses
would run its scripts as ours. Pictures need no such test: Wagtail decodes them.
"""

import zipfile
from pathlib import PurePosixPath
from typing import Any

#: The part that each office format has; OpenDocument says its type in ``mimetype``.
ZIPPED = {
    "docx": "word/document.xml",
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
    "odt": "mimetype",
    "ods": "mimetype",
}
OPEN_DOCUMENT = {
    "odt": b"application/vnd.oasis.opendocument.text",
    "ods": b"application/vnd.oasis.opendocument.spreadsheet",
}
TEXTS = frozenset({"csv", "txt"})
HEAD = 1024  # bytes; a PDF may carry some before its mark
BOM = b"\xef\xbb\xbf"
MARKUP = (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml")


def is_what_it_says(file: Any) -> bool:
    """Return whether the content of ``file`` fits the ending of its name.

    Args:
        file: with a ``name``, seekable, read from its start and left there.
    """
    ending = PurePosixPath(file.name.lower()).suffix.lstrip(".")
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    try:
        if ending == "pdf":
            return b"%PDF-" in head and not _is_markup(head)
        if ending == "mp4":
            return bool(head[4:8] == b"ftyp")
        if ending == "vtt":
            return b"\0" not in head and head.removeprefix(BOM).startswith(b"WEBVTT")
        if ending in ZIPPED:
            return _is_office(file, ending)
        return ending in TEXTS and b"\0" not in head and not _is_markup(head)
    finally:
        file.seek(0)


def _is_markup(head: bytes) -> bool:
    return head.removeprefix(BOM).lstrip().lower().startswith(MARKUP)


def _is_office(file: Any, ending: str) -> bool:
    try:
        with zipfile.ZipFile(file) as parts:
            if ending not in OPEN_DOCUMENT:
                return ZIPPED[ending] in parts.namelist()
            with parts.open("mimetype") as stated:
                return stated.read(HEAD).strip() == OPEN_DOCUMENT[ending]
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError):
        return False
