"""Taking a file in: encrypted as it arrives, never whole in memory nor in clear on a disk."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from portal.accounts.models import User
from shop.recharges.drafts import LotDraft, PieceWriter
from shop.recharges.imports import begin
from shop.recharges.lots import MAX_BYTES

FIELD = "file"
_FORM = 100_000  # bytes that the other fields and the boundaries may take
TOO_BIG = (
    f"Ce fichier dépasse {MAX_BYTES // 1_000_000}\u00a0Mo. Coupez-le en plusieurs lots, ou "
    "enregistrez le classeur en CSV. Rien n’a été gardé."
)


class DepositedFile(UploadedFile):
    """What the form gets to see: a name, a size and where the bytes went."""

    def __init__(self, draft: LotDraft, name: str, size: int) -> None:
        super().__init__(BytesIO(), name=name, size=size)
        self.draft = draft


class LotUploadHandler(FileUploadHandler):
    """Hands each block on to the draft.

    A file that is too big is not kept; its rest is read and dropped, so that the browser gets to
    read the answer.
    """

    chunk_size = 1 << 18

    def __init__(self, by: User) -> None:
        super().__init__()
        self.by = by
        self.draft: LotDraft | None = None
        self.too_big = False
        self.announced = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        """Note how much the browser says that it sends."""
        self.announced = content_length

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        """Open a draft for the file of the form, and for no other."""
        super().new_file(field_name, *args, **kwargs)
        if field_name != FIELD or self.draft:
            raise SkipFile
        if self.announced > MAX_BYTES + _FORM:
            self._refuse()
        self.draft = begin(by=self.by)
        self.writer = PieceWriter(self.draft)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a block."""
        if start + len(raw_data) > MAX_BYTES:
            self._refuse()
        self.writer.write(raw_data)

    def file_complete(self, file_size: int) -> DepositedFile | None:
        """Close the draft."""
        if self.draft is None:
            return None
        self.writer.close()
        return DepositedFile(self.draft, self.file_name or "", file_size)

    def _refuse(self) -> None:
        self.too_big = True
        raise StopUpload(connection_reset=False)
