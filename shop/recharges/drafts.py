"""A file of codes between its deposit and its import: its bytes, its lines, what is wrong.

Nothing of it lies anywhere in clear: the bytes are encrypted piece by piece as they arrive, each
code as it is read. The rows are on their way: they go with the import, or after a day.
"""

import io
import uuid
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.db import models

from portal.privacy import rotation
from portal.privacy.crypto import decrypt_bytes, encrypt_bytes
from portal.privacy.fields import EncryptedTextField

PIECE = 1 << 20  # bytes of a file that are encrypted together


class LotDraft(models.Model):
    """An uploaded file, for the person who deposited it, for one day."""

    class State(models.TextChoices):
        UPLOADING = "uploading", "En cours de dépôt"
        READING = "reading", "En cours de lecture"
        READY = "ready", "Lu"
        IMPORTING = "importing", "En cours d’importation"
        DONE = "done", "Importé"
        FAILED = "failed", "Illisible"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom du lot", max_length=120)
    only = models.ForeignKey(
        "catalogue.Product",
        verbose_name="ne contient que",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    uploaded_at = models.DateTimeField("déposé le", auto_now_add=True)
    size = models.PositiveIntegerField("octets", default=0)
    state = models.CharField("état", max_length=10, choices=State, default=State.UPLOADING)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    sentence = models.CharField("explication", max_length=300, blank=True)
    accepted = models.JSONField("acceptés, par produit", default=dict)
    refused = models.JSONField("refusés, par nature", default=dict)
    lot = models.OneToOneField(
        "recharges.CodeLot", null=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        verbose_name = "fichier en attente"
        verbose_name_plural = "fichiers en attente"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @property
    def accepted_count(self) -> int:
        """Lines that an import would take."""
        return sum(self.accepted.values())

    @property
    def refused_count(self) -> int:
        """Lines that stand in its way."""
        return sum(self.refused.values())

    @property
    def busy(self) -> bool:
        """Whether somebody is at work on it, or will be."""
        return self.state in {self.State.READING, self.State.IMPORTING}

    @property
    def importable(self) -> bool:
        """Whether the whole file may be committed: a lot with one bad line is refused whole."""
        return self.state == self.State.READY and self.accepted_count > 0 and not self.refused

    def open(self) -> BinaryIO:
        """Return the file, seekable; no more than two pieces of it are in memory at once."""
        return cast("BinaryIO", io.BufferedReader(_Pieces(self), PIECE))


class LotPiece(models.Model):
    """A piece of a deposited file."""

    draft = models.ForeignKey(LotDraft, on_delete=models.CASCADE, related_name="pieces")
    position = models.PositiveIntegerField()
    encrypted = models.BinaryField()

    class Meta:
        verbose_name = "morceau de fichier"
        verbose_name_plural = "morceaux de fichiers"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("draft", "position"), name="recharges_piece"),
        )

    def __str__(self) -> str:
        return f"{self.draft_id}/{self.position}"


rotation.register("recharges.LotPiece", "encrypted")


class StagedCode(models.Model):
    """A line that was accepted. No foreign key is checked here: the import's are."""

    draft = models.ForeignKey(
        LotDraft, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    line = models.PositiveIntegerField()
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    secret = EncryptedTextField()
    fingerprint = models.CharField(max_length=64)
    serial = models.CharField(max_length=40)
    expires_on = models.DateField()

    class Meta:
        verbose_name = "ligne acceptée"
        verbose_name_plural = "lignes acceptées"
        default_permissions = ()
        indexes = (models.Index(fields=("draft", "line"), name="recharges_staged"),)

    def __str__(self) -> str:
        return f"{self.draft_id}, ligne {self.line}"


class StagedProblem(models.Model):
    """A line that was refused; ``reason`` never quotes a code."""

    class Kind(models.TextChoices):
        MALFORMED = "malformed", "Mal formé"
        PRODUCT = "product", "Autre produit"
        EXPIRED = "expired", "Expiré"
        DUPLICATE = "duplicate", "Doublon dans le fichier"
        KNOWN = "known", "Déjà importé"

    draft = models.ForeignKey(LotDraft, on_delete=models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField("ligne")
    kind = models.CharField("problème", max_length=10, choices=Kind)
    reason = models.CharField("explication", max_length=300)

    class Meta:
        verbose_name = "ligne refusée"
        verbose_name_plural = "lignes refusées"
        ordering = ("line", "pk")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.draft_id}, ligne {self.line}"


class PieceWriter:
    """Takes a file as it arrives, and keeps it encrypted in pieces of one size."""

    def __init__(self, draft: LotDraft) -> None:
        self.draft = draft
        self.waiting = bytearray()
        self.position = 0

    def write(self, content: bytes) -> None:
        """Take some bytes."""
        self.waiting += content
        while len(self.waiting) >= PIECE:
            self._keep(PIECE)

    def close(self) -> None:
        """Keep the rest, and note the size on the draft."""
        full = self.position * PIECE
        self.draft.size = full + len(self.waiting)
        if self.waiting:
            self._keep(len(self.waiting))
        self.draft.save(update_fields=["size"])

    def _keep(self, size: int) -> None:
        LotPiece.objects.create(
            draft=self.draft,
            position=self.position,
            encrypted=encrypt_bytes(bytes(self.waiting[:size])),
        )
        del self.waiting[:size]
        self.position += 1


class _Pieces(io.RawIOBase):
    """The pieces as one file."""

    def __init__(self, draft: LotDraft) -> None:
        self.draft = draft
        self.at = 0
        self.piece: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.draft.size}[whence]
        if start + offset < 0:
            raise OSError("before the start")
        self.at = start + offset
        return self.at

    def readinto(self, buffer: Any) -> int:
        position, offset = divmod(self.at, PIECE)
        if self.at >= self.draft.size:
            return 0
        if self.piece[0] != position:
            found = self.draft.pieces.values_list("encrypted", flat=True).get(position=position)
            self.piece = (position, decrypt_bytes(bytes(found)))
        part = self.piece[1][offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self.at += len(part)
        return len(part)


#: What tells of a work's progress: lines read so far, or codes imported so far.
Progress = Callable[[int], None]
