"""What operators decide of a request, what waits for them, and the proof of what was purged."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from activation.models.requests import ActivationRequest
from portal.privacy.fields import EncryptedTextField


class Check(models.TextChoices):
    """What the checks of a request may find (`activation.checks`)."""

    CHECK_DIGIT = "check_digit", "Chiffre de contrôle faux"
    SAME_PERSON = "same_person", "Même personne"
    SAME_CARD = "same_card", "Carte déjà demandée"
    NOT_DELIVERED = "not_delivered", "Carte non livrée à la structure"
    ALREADY_SFR = "already_sfr", "Numéro déjà chez SFR"


class CheckOverride(models.Model):
    """An operator goes past a finding, and says why. A corrected request is checked anew."""

    request = models.ForeignKey(
        ActivationRequest,
        verbose_name="demande",
        on_delete=models.CASCADE,
        related_name="overrides",
    )
    check_code = models.CharField("contrôle", max_length=20, choices=Check)
    reason = EncryptedTextField("motif", blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("le", auto_now_add=True)
    voided_at = models.DateTimeField("annulé le", null=True, blank=True)

    class Meta:
        verbose_name = "contrôle levé"
        verbose_name_plural = "contrôles levés"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("request", "check_code"),
                condition=Q(voided_at__isnull=True),
                name="activation_one_override",
                violation_error_message="Ce contrôle est déjà levé.",
            ),
            models.CheckConstraint(
                condition=Q(check_code__in=sorted(Check)),
                name="activation_check_known",
                violation_error_message="Ce contrôle n’existe pas.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.check_code} {self.request_id}"


class MessageTask(models.Model):
    """A message that could not be delivered: somebody has to tell the person otherwise.

    Or what SFR's service would not take, or says against what is known: somebody has to ask SFR.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "SMS"
        TRANSMISSION = "sfr", "Transmission à SFR"
        ANSWER = "answer", "Réponse de SFR"

    request = models.ForeignKey(
        ActivationRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="tasks"
    )
    channel = models.CharField("canal", max_length=10, choices=Channel)
    # The outbox's message, or SFR's: the same failure told twice is one task.
    message = models.UUIDField("message", unique=True)
    opened_at = models.DateTimeField("ouverte le", auto_now_add=True)
    done_at = models.DateTimeField("faite le", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="faite par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = EncryptedTextField("ce qui a été fait", blank=True, default="")

    class Meta:
        verbose_name = "message non remis"
        verbose_name_plural = "messages non remis"
        ordering = ("pk",)
        default_permissions = ()
        indexes = (
            models.Index(
                fields=("opened_at",),
                condition=Q(done_at__isnull=True),
                name="activation_task_open",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="activation_task_done",
                violation_error_message="Une tâche faite a sa date et son auteur.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.message}"


class PurgeProof(models.Model):
    """That data of closed requests were anonymised: when, how many, which; and nothing of whom.

    ``digest`` is the SHA-256 of the requests' public identifiers, sorted, one a line: whoever
    holds the list can prove that a request is in it.
    """

    at = models.DateTimeField("le", auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    closed_before = models.DateTimeField("closes avant le", null=True, blank=True)
    number = models.PositiveIntegerField("demandes")
    digest = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "preuve d’anonymisation"
        verbose_name_plural = "preuves d’anonymisation"
        ordering = ("-pk",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.number}"
