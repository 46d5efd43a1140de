"""The transactional outbox, and the journal of messages that left through it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.privacy.fields import EncryptedTextField


class OutboxMessage(models.Model):
    """Something to be done after commit: written with the fact, delivered at least once.

    ``payload`` carries identifiers only; the handler loads what it needs when it runs.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    topic = models.CharField("sujet", max_length=80)
    payload = models.JSONField("contenu", default=dict)
    request_id = models.CharField("requête", max_length=64, blank=True)
    created_at = models.DateTimeField("créé le", auto_now_add=True)
    due_at = models.DateTimeField("à envoyer le", default=timezone.now)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    delivered_at = models.DateTimeField("envoyé le", null=True, blank=True)
    dead_at = models.DateTimeField("abandonné le", null=True, blank=True)
    last_error = models.CharField("dernière erreur", max_length=200, blank=True)

    class Meta:
        verbose_name = "envoi"
        verbose_name_plural = "envois"
        ordering = ("-pk",)
        default_permissions = ("view", "change")
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                condition=Q(delivered_at__isnull=True, dead_at__isnull=True),
                name="outbox_waiting",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(dead_at__isnull=True),
                name="outbox_delivered_or_dead",
                violation_error_message="Un envoi est soit remis, soit abandonné.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.uuid}"


class JournalEntry(models.Model):
    """A message as it left: the development backends' page, and the proof in production.

    Recipient, subject and text are personal data: encrypted, shown with a permission only.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "SMS"

    class Status(models.TextChoices):
        """What the provider reports; each says more than those before it."""

        SENT = "sent", "Envoyé"
        FAILED = "failed", "Non remis"
        DELIVERED = "delivered", "Remis"

    at = models.DateTimeField("le", auto_now_add=True)
    channel = models.CharField("canal", max_length=10, choices=Channel)
    key = models.CharField("clé", max_length=100, unique=True)
    recipient = EncryptedTextField("destinataire")
    subject = EncryptedTextField("objet", blank=True)
    text = EncryptedTextField("texte")
    # Empty as long as the provider has reported nothing.
    status = models.CharField("remise", max_length=10, choices=Status, blank=True, default="")
    status_at = models.DateTimeField("remise annoncée le", null=True, blank=True)

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        ordering = ("-pk",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.key}"
