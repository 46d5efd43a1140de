"""Taking the file in: in memory alone, since a beneficiary's data in clear never reach a disk."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from activation.sheets.reading import MAX_BYTES


class MemoryHandler(FileUploadHandler):
    """Keeps what is small enough; the rest of a bigger file is read and dropped."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        super().__init__()
        self.max_bytes = max_bytes
        self.too_big = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a buffer."""
        super().new_file(*args, **kwargs)
        self.buffer = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a block."""
        if start + len(raw_data) > self.max_bytes:
            self.too_big = True
            raise StopUpload(connection_reset=False)  # the browser gets to read the answer
        self.buffer.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Hand the buffer to the form."""
        self.buffer.seek(0)
        return InMemoryUploadedFile(
            self.buffer,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )
