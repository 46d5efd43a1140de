"""What référents write about structures and to them, and the files of places that they send."""

import uuid

from django.conf import settings
from django.db import models

from portal.structures.models import Structure

MAX_NOTE = 2_000  # characters
MAX_SUBJECT = 120
MAX_MESSAGE = 5_000


class StructureNote(models.Model):
    """A référent's note about a structure: its colleagues read it, the structure does not."""

    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="notes"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )
    text = models.CharField("note", max_length=MAX_NOTE)
    at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "note"
        verbose_name_plural = "notes"
        ordering = ("-pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"Note du {self.at:%d/%m/%Y}"  # never its text: this reaches logs


class BulkMessage(models.Model):
    """An e-mail to the leads of many structures. The outbox holds its name and the structure's."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField("objet", max_length=MAX_SUBJECT)
    text = models.TextField("texte", max_length=MAX_MESSAGE)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("le", auto_now_add=True)
    recipients = models.PositiveIntegerField("destinataires")
    # The form's own: a second click sends nothing.
    key = models.UUIDField("clé d’envoi", unique=True, editable=False)

    class Meta:
        verbose_name = "message groupé"
        verbose_name_plural = "messages groupés"
        ordering = ("-pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"Message {self.uuid}"


class PlacesFile(models.Model):
    """A file of places: shown first, then imported whole. Its report stays, the file goes."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom du fichier", max_length=200)
    content = models.BinaryField("contenu", default=bytes, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField("déposé le", auto_now_add=True)
    imported_at = models.DateTimeField("importé le", null=True, blank=True)
    report = models.JSONField("rapport", default=list, editable=False)

    class Meta:
        verbose_name = "fichier de lieux"
        verbose_name_plural = "fichiers de lieux"
        ordering = ("-pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
