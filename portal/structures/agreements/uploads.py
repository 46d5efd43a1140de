"""Checking a file that somebody sends back: a PDF or a picture, really, and of a decent size."""

import io
from dataclasses import dataclass
from typing import Final

from django.core.files.uploadedfile import UploadedFile
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from portal.ui.errors import DomainError

MAX_BYTES: Final = 10 * 1024 * 1024
#: What a picture's format is called in a header, and how its file ends.
PICTURES: Final = {"JPEG": "image/jpeg", "PNG": "image/png"}
ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
#: Where a PDF's ``%%EOF`` must stand: in its last bytes, as readers look for it.
_TAIL = 2048
#: What a PDF's names may hold that makes it do something, or carry other files.
_ACTIVE = ("/JavaScript", "/EmbeddedFiles")
_MAX_PAGES = 200
_UNTOUCHED = "Rien n’a été modifié."


class UploadRefused(DomainError):
    """The file is not one that we keep; the message says what to send instead.

    Its code is ``empty``, ``too_big``, ``locked``, ``active``, ``damaged`` or ``unknown``.
    """

    default_code = "upload_refused"


@dataclass(frozen=True)
class Checked:
    """A file that passed."""

    content: bytes
    media_type: str


def check(file: UploadedFile) -> Checked:
    """Read a file and make sure of what it is, whatever its name says.

    Raises:
        UploadRefused: it is empty, too big, damaged, locked, or neither a PDF nor a picture.
    """
    if not file.size:
        raise UploadRefused(
            f"Ce fichier est vide\u00a0: choisissez-en un autre. {_UNTOUCHED}", code="empty"
        )
    if file.size > MAX_BYTES:
        raise UploadRefused(
            f"Ce fichier pèse {_megabytes(file.size)}\u00a0Mo, le maximum est 10\u00a0Mo. "
            f"Numérisez-le avec une qualité plus basse, ou en noir et blanc. {_UNTOUCHED}",
            code="too_big",
        )
    file.seek(0)
    content = file.read()
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return Checked(content, "application/pdf")
    return Checked(content, _check_picture(content))


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.0f}"


def _check_pdf(content: bytes) -> None:
    if b"%%EOF" not in content[-_TAIL:]:
        raise _damaged()
    try:
        reader = PdfReader(io.BytesIO(content))
        locked = reader.is_encrypted
        pages = 0 if locked else len(reader.pages)
        active = not locked and _is_active(reader.root_object)
    except Exception as error:
        raise _damaged() from error
    if locked:
        raise UploadRefused(
            "Ce PDF est protégé par un mot de passe\u00a0: envoyez-le sans protection. "
            f"{_UNTOUCHED}",
            code="locked",
        )
    if not 1 <= pages <= _MAX_PAGES:
        raise _damaged()
    if active:
        raise UploadRefused(
            "Ce PDF contient un programme ou d’autres fichiers\u00a0: imprimez-le, signez-le et "
            f"numérisez-le. {_UNTOUCHED}",
            code="active",
        )


def _is_active(catalog: DictionaryObject) -> bool:
    """Tell whether opening the PDF does more than showing a page of it."""
    action, names = (
        found.get_object() if (found := catalog.get(name)) is not None else None
        for name in ("/OpenAction", "/Names")
    )
    acts = isinstance(action, DictionaryObject) and action.get("/S") != "/GoTo"
    holds = isinstance(names, DictionaryObject) and any(word in names for word in _ACTIVE)
    return acts or holds or "/AA" in catalog


def _damaged() -> UploadRefused:
    return UploadRefused(
        "Ce PDF est incomplet ou abîmé\u00a0: ouvrez-le pour le vérifier, puis renvoyez-le. "
        f"{_UNTOUCHED}",
        code="damaged",
    )


def _check_picture(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content), formats=tuple(PICTURES)) as picture:
            picture.verify()
            return PICTURES[str(picture.format)]
    except (OSError, SyntaxError, ValueError, KeyError, Image.DecompressionBombError) as error:
        raise UploadRefused(
            "Ce fichier n’est ni un PDF, ni une photo JPEG ou PNG. Numérisez le document signé, "
            f"ou prenez-le en photo. {_UNTOUCHED}",
            code="unknown",
        ) from error
