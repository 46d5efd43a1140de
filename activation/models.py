"""Requests to activate a SIM card, the log of their moves, and the delays promised.

Everything that says who the beneficiary is, is encrypted; the fingerprints beside it serve
constraints and duplicates.
"""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact, GreaterThan
from django.utils import timezone
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from activation.rules import delays
from activation.states import CARD_FREED, CLOSED, EXPLAINED, HELD, OPEN, State
from portal.accounts.models import User
from portal.privacy.fields import EncryptedTextField
from portal.structures.models import Membership, Structure

if TYPE_CHECKING:
    Number = models.PositiveSmallIntegerField[int, int]

#: Columns that hold a person's data: lists leave them in the database.
PERSONAL = (
    *("iccid", "last_name", "first_name", "birth_date", "birth_department", "birth_country"),
    *("contact_phone", "current_number", "rio", "line_number", "reason"),
)


def _filled(name: str) -> Q:
    # An encrypted column cannot be compared, but empty text stays empty.
    return Q(GreaterThan(Length(name), 0))


def _blank(name: str) -> Q:
    return Q(Exact(Length(name), 0))


class ActivationRequestQuerySet(models.QuerySet["ActivationRequest"]):
    """Scopes and cuts of the requests."""

    def visible_to(self, user: User) -> Self:
        """Keep the requests of the structures that ``user`` belongs to."""
        mine = Membership.objects.active().filter(user=user.pk)
        return self.filter(structure__in=mine.values("structure"))

    def without_personal_data(self) -> Self:
        """Leave the encrypted columns in the database."""
        return self.defer(*PERSONAL)

    def waiting(self) -> Self:
        """Keep what is not closed."""
        return self.filter(state__in=OPEN)


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
    iccid_fingerprint = models.CharField(max_length=64, editable=False)
    civility = models.CharField("civilité", max_length=10, choices=Civility)
    last_name = EncryptedTextField("nom")
    first_name = EncryptedTextField("prénom")
    birth_date = EncryptedTextField("date de naissance", help_text="AAAA-MM-JJ")
    birth_department = EncryptedTextField("département de naissance")
    birth_country = EncryptedTextField("pays de naissance", blank=True, default="")
    person_fingerprint = models.CharField(max_length=64, editable=False, db_index=True)
    contact_phone = EncryptedTextField("numéro de portable actuel", help_text="E.164")
    identity_checked = models.BooleanField("pièce d’identité vérifiée", default=False)
    portability = models.BooleanField("garder le numéro", default=False)
    current_number = EncryptedTextField("numéro à garder", blank=True, default="")
    rio = EncryptedTextField("code RIO", blank=True, default="")
    line_number = EncryptedTextField("numéro de la ligne", blank=True, default="")

    submitted_at = models.DateTimeField("envoyée le", default=timezone.now)
    due_at = models.DateTimeField("à traiter avant le")
    expected_at = models.DateTimeField("ligne active au plus tard le")
    closed_at = models.DateTimeField("close le", null=True, blank=True)

    objects = ActivationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande d’activation"
        verbose_name_plural = "demandes d’activation"
        ordering = ("due_at", "pk")
        default_permissions = ("view",)
        permissions = (("process_activationrequest", "Peut traiter les demandes d’activation"),)
        indexes = (
            models.Index(
                fields=("due_at", "id"), condition=Q(state__in=sorted(OPEN)), name="activation_due"
            ),
            models.Index(fields=("state", "due_at"), name="activation_state"),
            models.Index(fields=("structure", "-submitted_at"), name="activation_structure"),
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
                condition=(Q(portability=True) & _filled("rio") & _filled("current_number"))
                | (Q(portability=False) & _blank("rio") & _blank("current_number")),
                name="activation_portability",
                violation_error_message="Le numéro à garder et son RIO vont ensemble.",
            ),
            models.CheckConstraint(
                condition=(Q(state=State.ACTIVATED) & _filled("line_number"))
                | (~Q(state=State.ACTIVATED) & _blank("line_number")),
                name="activation_line_number",
                violation_error_message="Une ligne activée, et elle seule, a un numéro.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(EXPLAINED)) | _filled("reason"),
                name="activation_reason",
                violation_error_message="Un refus ou une correction demandée a un motif.",
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
        sent = self.state in {State.TRANSMITTED, State.PORTING}
        return self.expected_at if sent else self.due_at

    @property
    def is_late(self) -> bool:
        """Whether the delay that runs is over; a request that waits for its partner is not late."""
        runs = self.state in OPEN - {State.TO_CORRECT}
        return runs and self.deadline < timezone.now()


class ActivationEvent(models.Model):
    """One move of a request: the log that `activation.services.move` writes."""

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


@register_setting(icon="time")
class ActivationSettings(BaseGenericSetting):
    """The delays that the page promises and that due times are computed from."""

    treatment_hours: "models.PositiveSmallIntegerField[int, int]" = (
        models.PositiveSmallIntegerField(
            "traitement de la demande", default=24, help_text="En heures."
        )
    )
    sms_working_hours: "models.PositiveSmallIntegerField[int, int]" = (
        models.PositiveSmallIntegerField(
            "SMS au bénéficiaire",
            default=48,
            help_text="En heures ouvrées\u00a0: celles des jours de semaine, jours fériés exclus.",
        )
    )
    portability_days_min: "models.PositiveSmallIntegerField[int, int]" = (
        models.PositiveSmallIntegerField(
            "portabilité, délai le plus court", default=3, help_text="En jours ouvrés, en plus."
        )
    )
    portability_days_max: "models.PositiveSmallIntegerField[int, int]" = (
        models.PositiveSmallIntegerField(
            "portabilité, délai le plus long", default=5, help_text="En jours ouvrés, en plus."
        )
    )

    class Meta:
        verbose_name = "délais d’activation"
        default_permissions = ("change",)
        constraints = (
            models.CheckConstraint(
                condition=Q(treatment_hours__gt=0, sms_working_hours__gt=0),
                name="activation_delays_positive",
                violation_error_message="Un délai est d’au moins une heure.",
            ),
            models.CheckConstraint(
                condition=Q(portability_days_max__gte=models.F("portability_days_min")),
                name="activation_delays_ordered",
                violation_error_message="Le délai le plus long est inférieur au plus court.",
            ),
        )

    def due_times(
        self, submitted_at: dt.datetime, *, portability: bool
    ) -> tuple[dt.datetime, dt.datetime]:
        """Return until when to treat a request, and when its line works at the latest.

        Args:
            submitted_at: when the partner sent it (aware).
            portability: the number is kept: the longest delay is added.
        """
        due = submitted_at + dt.timedelta(hours=self.treatment_hours)
        expected = delays.add_working_hours(submitted_at, self.sms_working_hours)
        if portability:
            expected = delays.add_working_days(expected, self.portability_days_max)
        return due, max(due, expected)
