"""A structure, its members, and the log of its states."""

import re
import uuid
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import siret as siret_rule


def validate_siret(value: str) -> None:
    """Check a SIRET (14 digits, Luhn; stdnum knows La Poste's own rule).

    Raises:
        ValidationError: with a sentence that says what to do.
    """
    try:
        siret_rule.validate(value)
    except NumberError as error:
        raise ValidationError(
            "Ce SIRET n’est pas valide\u00a0: vérifiez ses 14 chiffres.", code="siret"
        ) from error


def validate_rna(value: str) -> None:
    """Check an association's number: ``W`` and 9 digits.

    Raises:
        ValidationError: with a sentence that says what to do.
    """
    if not re.fullmatch(r"W[0-9]{9}", value):
        raise ValidationError(
            "Un numéro RNA s’écrit W suivi de 9 chiffres, par exemple W332001234.", code="rna"
        )


class Structure(models.Model):
    """A customer organisation (not Oscar's ``Partner``, which is a supplier)."""

    class Kind(models.TextChoices):
        CCAS = "ccas", "CCAS ou CIAS"
        MISSION_LOCALE = "mission_locale", "Mission locale"
        ASSOCIATION = "association", "Association"
        COLLECTIVITE = "collectivite", "Collectivité"
        HEBERGEMENT = "hebergement", "Centre d’hébergement"
        SERVICE_PUBLIC = "service_public", "Service public (La Poste, France Travail, CAF…)"
        AUTRE = "autre", "Autre"

    class State(models.TextChoices):
        CANDIDATE = "candidate", "Candidature"
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspendue"
        CLOSED = "closed", "Fermée"

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("type", max_length=20, choices=Kind, default=Kind.ASSOCIATION)
    state = models.CharField("état", max_length=20, choices=State, default=State.CANDIDATE)
    siret = models.CharField("SIRET", max_length=14, blank=True, validators=[validate_siret])
    rna = models.CharField(
        "numéro RNA",
        max_length=10,
        blank=True,
        validators=[validate_rna],
        help_text="D’une association\u00a0: W et 9 chiffres.",
    )
    public = models.CharField("public accueilli", max_length=200, blank=True)
    address = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("commune", max_length=100, blank=True)
    latitude = models.DecimalField(
        "latitude", max_digits=9, decimal_places=6, null=True, blank=True
    )
    longitude = models.DecimalField(
        "longitude", max_digits=9, decimal_places=6, null=True, blank=True
    )
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    website = models.URLField("site internet", blank=True)
    opening_hours = models.CharField("horaires", max_length=200, blank=True)
    is_listed = models.BooleanField(
        "point d’accueil public",
        default=False,
        help_text="Paraît dans la liste publique des points d’accueil.",
    )
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="référent Emmaüs Connect",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="portfolio",
    )
    created_at = models.DateTimeField("créée le", auto_now_add=True)

    class Meta:
        verbose_name = "structure"
        verbose_name_plural = "structures"
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("siret",),
                condition=~Q(siret=""),
                name="structures_siret_unique",
                violation_error_message="Une structure porte déjà ce SIRET.",
            ),
            models.UniqueConstraint(
                fields=("rna",),
                condition=~Q(rna=""),
                name="structures_rna_unique",
                violation_error_message="Une structure porte déjà ce numéro RNA.",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="structures_place",
                violation_error_message="La latitude et la longitude vont ensemble.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Who belongs where."""

    def active(self) -> Self:
        """Keep memberships that give access: theirs and their structure's door is open.

        A suspended structure stays open to read its history; only a closed one shuts.
        """
        return self.filter(is_active=True).exclude(structure__state=Structure.State.CLOSED)


class Membership(models.Model):
    """A person's place in a structure; one of its members is the lead."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="personne",
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="memberships"
    )
    is_structure_lead = models.BooleanField("référent de la structure", default=False)
    is_active = models.BooleanField("actif", default=True)
    created_at = models.DateTimeField("ajouté le", auto_now_add=True)
    trained_at = models.DateTimeField("formé le", null=True, blank=True)
    training_waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="dispensé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    training_waiver = models.CharField("motif de la dispense", max_length=300, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "membre"
        verbose_name_plural = "membres"
        ordering = ("structure", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "structure"),
                name="structures_membership_once",
                violation_error_message="Cette personne est déjà membre de la structure.",
            ),
            models.UniqueConstraint(
                fields=("structure",),
                condition=Q(is_structure_lead=True, is_active=True),
                name="structures_one_lead",
                violation_error_message="La structure a déjà un référent.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.structure}"

    @property
    def is_trained(self) -> bool:
        """Whether they followed the training to the platform, or were let off it."""
        return self.trained_at is not None or self.training_waived_by_id is not None


class StructureEvent(models.Model):
    """A row of the log: something about the structure went from one state to another."""

    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="events"
    )
    subject = models.CharField(
        "sujet", max_length=20, help_text="structure, convention, avenant ou candidature"
    )
    subject_id = models.CharField("identifiant", max_length=64)
    was = models.CharField("de", max_length=20, blank=True)
    now = models.CharField("à", max_length=20)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.CharField("motif", max_length=500, blank=True)
    at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "étape d’une structure"
        verbose_name_plural = "étapes des structures"
        ordering = ("pk",)
        default_permissions = ("view",)
        indexes = (models.Index(fields=("structure", "id"), name="structures_events"),)

    def __str__(self) -> str:
        return f"{self.subject}\u00a0: {self.was} → {self.now}"
