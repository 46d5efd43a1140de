"""What is on paper: the texts that référents write, the documents, the reminders sent."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.privacy import rotation
from portal.structures.models.agreements import Agreement, Amendment


class Kind(models.TextChoices):
    """Which of the two papers."""

    CONVENTION = "convention", "Convention"
    AVENANT = "avenant", "Avenant"


class AgreementText(models.Model):
    """A version of a paper's text. A row never changes: another version is another row."""

    kind = models.CharField("document", max_length=10, choices=Kind)
    version = models.PositiveIntegerField("version")
    title = models.CharField("titre", max_length=200)
    body = models.TextField("texte", max_length=60_000)
    published_at = models.DateTimeField("publié le", auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = "texte de convention"
        verbose_name_plural = "textes des conventions"
        ordering = ("kind", "-version")
        default_permissions = ("add", "view")
        constraints = (
            models.UniqueConstraint(fields=("kind", "version"), name="structures_text_version"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new version.

        Raises:
            TypeError: the version is published already.
        """
        if self.pk:
            raise TypeError("A published text never changes: write another version.")
        super().save(*args, **kwargs)


class AgreementDocument(models.Model):
    """A paper as a file, encrypted in the database: drawn by us, sent back signed, countersigned.

    In the database, and not in a directory: it is written in the transaction of the move that it
    proves, it is in the same backup, containers need no shared disk, and no web server can serve
    it by mistake.
    """

    class Kind(models.TextChoices):
        GENERATED = "generated", "Document à signer"
        SIGNED = "signed", "Document signé par la structure"
        COUNTERSIGNED = "countersigned", "Document contresigné"

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(
        Agreement,
        verbose_name="convention",
        null=True,
        on_delete=models.PROTECT,
        related_name="documents",
    )
    amendment = models.ForeignKey(
        Amendment,
        verbose_name="avenant",
        null=True,
        on_delete=models.PROTECT,
        related_name="documents",
    )
    kind = models.CharField("nature", max_length=15, choices=Kind)
    encrypted = models.BinaryField("contenu chiffré")
    sha256 = models.CharField("empreinte", max_length=64)
    media_type = models.CharField("format", max_length=40)
    size = models.PositiveIntegerField("octets")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "document"
        verbose_name_plural = "documents"
        ordering = ("-pk",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(agreement__isnull=False, amendment__isnull=True)
                | Q(agreement__isnull=True, amendment__isnull=False),
                name="structures_document_of_one_paper",
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


rotation.register("structures.AgreementDocument", "encrypted")


class AgreementReminder(models.Model):
    """A reminder that was sent: of the end of a period, so many days before. Once each."""

    uuid = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(
        Agreement,
        verbose_name="convention",
        null=True,
        on_delete=models.CASCADE,
        related_name="reminders",
    )
    amendment = models.ForeignKey(
        Amendment,
        verbose_name="avenant",
        null=True,
        on_delete=models.CASCADE,
        related_name="reminders",
    )
    period_end = models.DateField("fin de la période")
    days = models.PositiveSmallIntegerField("jours avant")
    created_at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "rappel"
        verbose_name_plural = "rappels"
        ordering = ("pk",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "period_end", "days"), name="structures_agreement_reminder"
            ),
            models.UniqueConstraint(
                fields=("amendment", "period_end", "days"), name="structures_amendment_reminder"
            ),
            models.CheckConstraint(
                condition=Q(agreement__isnull=False, amendment__isnull=True)
                | Q(agreement__isnull=True, amendment__isnull=False),
                name="structures_reminder_of_one_paper",
            ),
        )

    def __str__(self) -> str:
        return f"{self.days} jours avant le {self.period_end:%d/%m/%Y}"
