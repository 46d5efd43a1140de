"""An assistance request, what was written in it, the files that came along, what happened to it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from knowledge.models import FaqQuestion
from knowledge.support.states import BADGES, State
from portal.privacy import rotation
from portal.privacy.fields import EncryptedTextField
from portal.structures.models import Membership, Structure

TITLE_LENGTH = 120  # characters
BODY_LENGTH = 4000  # characters


class Subject(models.TextChoices):
    """What a request is about, as partners would say it."""

    ORDER = "order", "Une commande"
    CODE = "code", "Un numéro de recharge"
    SIM = "sim", "Une carte SIM ou une activation"
    MONEY = "money", "Une facture ou un paiement"
    ACCOUNT = "account", "Mon compte, mon équipe ou ma convention"
    USAGE = "usage", "L’accompagnement d’un bénéficiaire"
    OTHER = "other", "Autre chose"


class SupportRequestQuerySet(models.QuerySet["SupportRequest"]):
    """Requests by who may see them, and in the order of the work."""

    def visible_to(self, membership: Membership) -> Self:
        """Keep the requests of the member's structure: colleagues share a desk."""
        return self.filter(structure=membership.structure_id)

    def waiting(self) -> Self:
        """Keep what a structure waits for."""
        return self.filter(waiting_since__isnull=False)

    def by_wait(self) -> Self:
        """Put who has waited longest first; the rest follows, newest first."""
        return self.order_by(F("waiting_since").asc(nulls_last=True), "-pk")


class SupportRequest(models.Model):
    """A question of a structure's, and where its answer stands."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField("clé de soumission", unique=True, editable=False)
    structure = models.ForeignKey(
        Structure,
        verbose_name="structure",
        on_delete=models.PROTECT,
        related_name="support_requests",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="demandée par",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    subject = models.CharField("sujet", max_length=10, choices=Subject)
    # People write names in it: encrypted like the messages.
    title = EncryptedTextField("titre", blank=True)
    state = models.CharField("état", max_length=12, choices=State, default=State.NEW)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="suivie par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    about_kind = models.CharField("se rapporte à", max_length=20, blank=True)
    about_uuid = models.UUIDField("identifiant de l’objet", null=True, blank=True)
    created_at = models.DateTimeField("envoyée le", auto_now_add=True, db_index=True)
    waiting_since = models.DateTimeField("attend depuis", null=True, blank=True)
    first_answer_at = models.DateTimeField("première réponse le", null=True, blank=True)
    solved_at = models.DateTimeField("résolue le", null=True, blank=True)
    anonymised_at = models.DateTimeField("anonymisée le", null=True, blank=True)

    objects = SupportRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’assistance"
        verbose_name_plural = "demandes d’assistance"
        ordering = ("-pk",)
        default_permissions = ("view",)
        permissions = (("answer_supportrequest", "Peut répondre aux demandes d’assistance"),)
        indexes = (
            models.Index(fields=("structure", "-id"), name="support_by_structure"),
            models.Index(
                fields=("waiting_since",),
                condition=Q(waiting_since__isnull=False),
                name="support_waiting",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("new", "in_progress"), waiting_since__isnull=False)
                | Q(state__in=("answered", "solved"), waiting_since__isnull=True),
                name="support_waits_for_an_answer",
                violation_error_message="Une demande attend tant que personne n’a répondu.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="new", assigned_to__isnull=True)
                    | Q(state__in=("in_progress", "answered"), assigned_to__isnull=False)
                    | Q(state="solved")
                ),
                name="support_somebody_follows",
                violation_error_message="Quelqu’un suit une demande en cours.",
            ),
            models.CheckConstraint(
                condition=Q(state="solved", solved_at__isnull=False)
                | (~Q(state="solved") & Q(solved_at__isnull=True, anonymised_at__isnull=True)),
                name="support_solved_once",
                violation_error_message="Une demande résolue a sa date.",
            ),
            models.CheckConstraint(
                condition=Q(about_kind="", about_uuid__isnull=True)
                | (~Q(about_kind="") & Q(about_uuid__isnull=False)),
                name="support_about_something",
                violation_error_message="L’objet lié a une nature et un identifiant.",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people call the request: eight characters, which say nothing of anybody."""
        text = self.uuid.hex[:8].upper()
        return f"{text[:4]}-{text[4:]}"

    @property
    def badge(self) -> str:
        """The variant of its state's badge."""
        return BADGES[State(self.state)]


class SupportMessage(models.Model):
    """Something written in the thread; a note is read by the team alone. Rows never change."""

    key = models.UUIDField("clé de soumission", unique=True, editable=False)
    request = models.ForeignKey(
        SupportRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="messages"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    from_team = models.BooleanField("de l’équipe Emmaüs Connect", default=False)
    is_note = models.BooleanField("note interne", default=False)
    at = models.DateTimeField("le", auto_now_add=True)
    body = EncryptedTextField("message", blank=True)
    faq_question = models.OneToOneField(
        FaqQuestion,
        verbose_name="question de la FAQ",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        ordering = ("pk",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(is_note=False) | Q(from_team=True),
                name="support_note_of_the_team",
                violation_error_message="Une note interne est de l’équipe.",
            ),
        )

    def __str__(self) -> str:
        return f"Message {self.pk}"


class SupportAttachment(models.Model):
    """A file of a message, encrypted in the database: no web server can serve it by mistake.

    Its own name is not kept: people put names in it.
    """

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(
        SupportMessage, verbose_name="message", on_delete=models.CASCADE, related_name="files"
    )
    encrypted = models.BinaryField("contenu chiffré")
    sha256 = models.CharField("empreinte", max_length=64)
    media_type = models.CharField("format", max_length=40)
    size = models.PositiveIntegerField("octets")

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ("pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"Pièce jointe {self.pk}"

    @property
    def kind(self) -> str:
        """What the file is, in a word."""
        return "PDF" if self.media_type == "application/pdf" else "Photo"


rotation.register("support.SupportAttachment", "encrypted")


class SupportEvent(models.Model):
    """A move, or a change of who follows the request."""

    request = models.ForeignKey(
        SupportRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="events"
    )
    origin = models.CharField("état d’avant", max_length=12, choices=State, blank=True)
    to = models.CharField("état", max_length=12, choices=State)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="suivie par",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "événements"
        ordering = ("pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.origin} → {self.to}"


class CannedAnswer(models.Model):
    """A text that référents insert into their answers."""

    title = models.CharField("nom", max_length=80, help_text="Comme il paraît dans la liste.")
    body = models.TextField("texte", max_length=BODY_LENGTH)
    position = models.PositiveSmallIntegerField("position", default=100)

    class Meta:
        verbose_name = "réponse type"
        verbose_name_plural = "réponses types"
        ordering = ("position", "title")

    def __str__(self) -> str:
        return self.title


class FoundAnswer(models.Model):
    """Somebody was about to ask and found the answer in the FAQ instead. Nobody's name."""

    question = models.ForeignKey(
        FaqQuestion, verbose_name="question", on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField("le", auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = "réponse trouvée"
        verbose_name_plural = "réponses trouvées"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Réponse trouvée {self.pk}"
