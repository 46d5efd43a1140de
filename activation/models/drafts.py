"""What a partner has begun and not sent: a form half filled, a file shown before it is sent.

Both are a beneficiary's data: encrypted whole, seen by who typed them alone, purged soon.
"""

import uuid

from django.conf import settings
from django.db import models

from portal.privacy.fields import EncryptedTextField, blank
from portal.structures.models import Structure


class ActivationDraft(models.Model):
    """The form as its author left it: one for each person and structure."""

    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.CASCADE, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="commencée par",
        on_delete=models.CASCADE,
        related_name="+",
    )
    content = EncryptedTextField("saisie", help_text="JSON")
    updated_at = models.DateTimeField("enregistrée le", auto_now=True, db_index=True)

    class Meta:
        verbose_name = "demande commencée"
        verbose_name_plural = "demandes commencées"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("structure", "by"),
                name="activation_one_draft",
                violation_error_message="Vous avez déjà une demande commencée.",
            ),
        )

    def __str__(self) -> str:
        return f"Demande commencée {self.pk}"


class RequestSheet(models.Model):
    """Many requests read from one file, shown before they are sent whole."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="déposé par",
        on_delete=models.PROTECT,
        related_name="+",
    )
    # Empty once sent: the requests hold it.
    content = EncryptedTextField("lignes", blank=True, help_text="JSON")
    created_at = models.DateTimeField("déposé le", auto_now_add=True, db_index=True)
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)

    class Meta:
        verbose_name = "fichier de demandes"
        verbose_name_plural = "fichiers de demandes"
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True) | blank("content"),
                name="activation_sheet_emptied",
                violation_error_message="Un fichier envoyé ne garde pas ses lignes.",
            ),
        )

    def __str__(self) -> str:
        return f"Fichier {self.uuid}"
