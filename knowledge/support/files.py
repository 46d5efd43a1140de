"""The files of a message: checked by what they hold, kept encrypted, given back as downloads."""

import hashlib
from collections.abc import Sequence
from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse

from knowledge.support.models import SupportAttachment, SupportMessage
from portal.accounts.models import User
from portal.privacy.crypto import decrypt_bytes, encrypt_bytes
from portal.privacy.services import record
from portal.structures.agreements.uploads import ENDINGS, Checked, UploadRefused
from portal.structures.agreements.uploads import check as check_one
from portal.ui.errors import DomainError

MOST: Final = 3  # files of one message
#: What is said here where the words of `uploads` speak of a paper to be signed.
_SENTENCES: Final = {
    "too_big": "Ce fichier est trop lourd\u00a0: 10\u00a0Mo au plus. Envoyez une photo plus petite "
    "ou une seule page.",
    "active": "Ce PDF contient un programme ou d’autres fichiers\u00a0: envoyez plutôt une photo "
    "ou une capture d’écran.",
    "unknown": "Ce fichier n’est ni un PDF, ni une photo JPEG ou PNG\u00a0: envoyez plutôt une "
    "photo ou une capture d’écran.",
}


class FilesRefused(DomainError):
    """A file is none that we keep, or there are too many; the message says what to do."""

    default_code = "files_refused"


def check(files: Sequence[UploadedFile]) -> list[Checked]:
    """Read files and make sure of what they are, whatever their names say.

    Raises:
        FilesRefused: there are too many, or one is empty, too big, damaged, locked, or neither a
            PDF nor a picture.
    """
    if len(files) > MOST:
        raise FilesRefused(f"Vous pouvez joindre {MOST} fichiers au plus à un message.")
    checked = []
    for rank, file in enumerate(files, start=1):
        try:
            checked.append(check_one(file))
        except UploadRefused as error:
            sentence = _SENTENCES.get(error.code) or error.message.replace(
                " Rien n’a été modifié.", ""
            )
            which = f"Fichier {rank}\u00a0: " if len(files) > 1 else ""
            raise FilesRefused(f"{which}{sentence}", code=error.code) from error
    return checked


def keep(message: SupportMessage, files: Sequence[Checked]) -> None:
    """Keep the files of a message, in the caller's transaction."""
    for file in files:
        SupportAttachment.objects.create(
            message=message,
            encrypted=encrypt_bytes(file.content),
            sha256=hashlib.sha256(file.content).hexdigest(),
            media_type=file.media_type,
            size=len(file.content),
        )


def as_attachment(file: SupportAttachment, *, by: User) -> HttpResponse:
    """Answer with a file that the browser saves and nothing keeps; that it was read is recorded."""
    record(by=by, action="support.file_downloaded", target=file.message.request, file=file.pk)
    name = f"assistance-{file.message.request.reference}-{file.pk}.{ENDINGS[file.media_type]}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
        "Cache-Control": "no-store",
    }
    content = decrypt_bytes(bytes(file.encrypted))
    return HttpResponse(content, content_type=file.media_type, headers=headers)
