"""Requests to activate a SIM card, and the log of their moves.

Everything that says who the beneficiary is, is encrypted; the fingerprints beside it serve
constraints and duplicates.
"""

import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone

from activation.languages import Language
from activation.states import AT_SFR, CARD_FREED, CLOSED, EXPLAINED, HELD, TO_DO, State
from portal.accounts.models import User
from portal.privacy.fields import EncryptedTextField, blank, filled
from portal.structures.models import Membership, Structure

#: Columns that hold a person's data: lists leave them in the database.
PERSONAL = (
    *("iccid", "last_name", "first_name", "birth_date", "birth_department", "birth_country"),
    *("contact_phone", "current_number", "rio", "line_number", "reason"),
)


#: Purged: what the constraints ask of a beneficiary's data no longer holds.
_ANONYMISED = Q(anonymised_at__isnull=False)


class ActivationRequestQuerySet(models.QuerySet["ActivationRequest"]):
    """Scopes and cuts of the requests."""

    def visible_to(self, user: User) -> Self:
        """Keep the requests of the structures that ``user`` belongs to."""
        mine = Membership.objects.active().filter(user=user.pk)
        return self.filter(structure__in=mine.values("structure"))

    def referenced(self, reference: str) -> Self:
        """Keep the request that people call ``reference`` (8 hexadecimal digits, no dash)."""
        ends = (uuid.UUID(reference.ljust(32, digit)) for digit in "0f")
        return self.filter(uuid__range=tuple(ends))

    def without_personal_data(self) -> Self:
        """Leave the encrypted columns in the database."""
        return self.defer(*PERSONAL)


class ActivationRequest(models.Model):
    """One SIM card to be activated for one beneficiary."""

    class Civility(models.TextChoices):
        MADAME = "madame", "Madame"
        MONSIEUR = "monsieur", "Monsieur"

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    submission_key = models.UUIDField("clé d’envoi", unique=True, editable=False)
    structure = models.ForeignKey(
        Structure,
        verbose_name="structure",
        on_delete=models.PROTECT,
        related_name="activation_requests",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="envoyée par",
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField("état", max_length=20, choices=State, default=State.SUBMITTED)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="prise par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = EncryptedTextField("motif", blank=True, default="")

    iccid = EncryptedTextField("numéro de série (ICCID)")
    iccid_fingerprint = models.CharField(max_length=64, editable=False, db_index=True)
    # Its check digit is wrong, and whoever sent it has read the card again.
    iccid_insisted = models.BooleanField("numéro de carte relu", default=False)
    civility = models.CharField("civilité", max_length=10, choices=Civility)
    last_name = EncryptedTextField("nom")
    first_name = EncryptedTextField("prénom")
    birth_date = EncryptedTextField("date de naissance", help_text="AAAA-MM-JJ")
    birth_department = EncryptedTextField("département de naissance")
    birth_country = EncryptedTextField("pays de naissance", blank=True, default="")
    person_fingerprint = models.CharField(max_length=64, editable=False, db_index=True)
    # Where the SMS goes if not to the line itself: the new card may still be in its envelope.
    contact_phone = EncryptedTextField(
        "portable à prévenir", blank=True, default="", help_text="E.164"
    )
    language = models.CharField(
        "langue du SMS", max_length=8, choices=Language, default=Language.FRENCH
    )
    identity_checked = models.BooleanField("pièce d’identité vérifiée", default=False)
    portability = models.BooleanField("garder le numéro", default=False)
    current_number = EncryptedTextField("numéro à garder", blank=True, default="")
    rio = EncryptedTextField("code RIO", blank=True, default="")
    line_number = EncryptedTextField("numéro de la ligne", blank=True, default="")

    submitted_at = models.DateTimeField("envoyée le", default=timezone.now)
    due_at = models.DateTimeField("à traiter avant le")
    expected_at = models.DateTimeField("ligne active au plus tard le")
    # Generated: the delay that runs now, ours to treat it, then SFR's to open the line.
    deadline_at = models.GeneratedField(
        verbose_name="échéance",
        expression=Case(When(state__in=sorted(AT_SFR), then=F("expected_at")), default=F("due_at")),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    treated_at = models.DateTimeField("traitée le", null=True, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    # From sending to activation, counted in working hours.
    working_time = models.DurationField("délai ouvré", null=True, blank=True)
    porting_on = models.DateField("portabilité prévue le", null=True, blank=True)
    anonymised_at = models.DateTimeField("anonymisée le", null=True, blank=True)

    objects = ActivationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’activation"
        verbose_name_plural = "demandes d’activation"
        ordering = ("due_at", "pk")
        default_permissions = ("view",)
        permissions = (
            ("process_activationrequest", "Peut traiter les demandes d’activation"),
            ("view_statistics", "Peut lire les chiffres des activations"),
            ("manage_personal_data", "Peut exporter et effacer les données d’une personne"),
        )
        indexes = (
            models.Index(
                fields=("deadline_at", "id"),
                condition=Q(state__in=sorted(TO_DO)),
                name="activation_to_do",
            ),
            models.Index(fields=("state", "deadline_at", "id"), name="activation_state"),
            models.Index(
                fields=("portability", "deadline_at", "id"),
                condition=Q(state__in=sorted(TO_DO)),
                name="activation_portable",
            ),
            models.Index(
                fields=("closed_at", "id"),
                condition=Q(anonymised_at__isnull=True, closed_at__isnull=False),
                name="activation_to_anonymise",
            ),
            models.Index(fields=("structure", "-submitted_at"), name="activation_structure"),
            models.Index(fields=("submitted_at",), name="activation_submitted"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("iccid_fingerprint",),
                condition=~Q(state__in=sorted(CARD_FREED)),
                name="activation_card_once",
                violation_error_message="Cette carte fait déjà l’objet d’une demande.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(State)),
                name="activation_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(HELD), taken_by__isnull=False)
                | (~Q(state__in=sorted(HELD)) & Q(taken_by__isnull=True)),
                name="activation_taken_by",
                violation_error_message="Une demande en cours, et elle seule, a un opérateur.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(CLOSED), closed_at__isnull=False)
                | (~Q(state__in=sorted(CLOSED)) & Q(closed_at__isnull=True)),
                name="activation_closed_at",
                violation_error_message="Une demande close, et elle seule, a une date de clôture.",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=models.F("submitted_at"))
                & Q(expected_at__gte=models.F("due_at")),
                name="activation_due_at",
                violation_error_message="L’échéance précède l’envoi.",
            ),
            models.CheckConstraint(
                condition=_ANONYMISED
                | (Q(portability=True) & filled("rio") & filled("current_number"))
                | (Q(portability=False) & blank("rio", "current_number")),
                name="activation_portability",
                violation_error_message="Le numéro à garder et son RIO vont ensemble.",
            ),
            models.CheckConstraint(
                condition=_ANONYMISED
                | (Q(state=State.ACTIVATED) & filled("line_number"))
                | (~Q(state=State.ACTIVATED) & blank("line_number")),
                name="activation_line_number",
                violation_error_message="Une ligne activée, et elle seule, a un numéro.",
            ),
            models.CheckConstraint(
                condition=_ANONYMISED | ~Q(state__in=sorted(EXPLAINED)) | filled("reason"),
                name="activation_reason",
                violation_error_message="Un refus ou une correction demandée a un motif.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(anonymised_at__isnull=False, closed_at__isnull=False, person_fingerprint="")
                    & blank(*PERSONAL)
                )
                | (Q(anonymised_at__isnull=True) & filled("iccid") & filled("last_name")),
                name="activation_anonymised",
                violation_error_message="Une demande anonymisée est close et sans donnée.",
            ),
        )

    def __str__(self) -> str:
        return f"Demande {self.reference}"

    @property
    def reference(self) -> str:
        """What people call the request: eight characters, which say nothing of anybody."""
        text = self.uuid.hex[:8].upper()
        return f"{text[:4]}-{text[4:]}"

    @property
    def deadline(self) -> dt.datetime:
        """The delay that runs now: ours to treat it, then SFR's to open the line."""
        return self.expected_at if self.state in AT_SFR else self.due_at

    @property
    def is_late(self) -> bool:
        """Whether the delay that runs is over; a request that waits for its partner is not late."""
        return self.state in TO_DO and self.deadline < timezone.now()


class ActivationEvent(models.Model):
    """One move of a request: the log that `activation.moves` writes."""

    request = models.ForeignKey(
        ActivationRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="events"
    )
    origin = models.CharField("de", max_length=20, choices=State, blank=True)
    to = models.CharField("à", max_length=20, choices=State)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField("le", default=timezone.now)
    # What an operator types may quote a name.
    reason = EncryptedTextField("motif", blank=True, default="")

    class Meta:
        verbose_name = "étape d’une demande"
        verbose_name_plural = "étapes d’une demande"
        ordering = ("pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.origin or 'new'} → {self.to}"
