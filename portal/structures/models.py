"""Structures: the organisations that hand out recharges, their members and their agreements."""

import datetime as dt
import uuid
from typing import Any, Self

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
            "Ce SIRET n’est pas valide : vérifiez ses 14 chiffres.", code="siret"
        ) from error


class Structure(models.Model):
    """A customer organisation (not Oscar's ``Partner``, which is a supplier)."""

    class Kind(models.TextChoices):
        CCAS = "ccas", "CCAS ou CIAS"
        MISSION_LOCALE = "mission_locale", "Mission locale"
        ASSOCIATION = "association", "Association"
        COLLECTIVITE = "collectivite", "Collectivité"
        HEBERGEMENT = "hebergement", "Centre d’hébergement"
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
    address = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("commune", max_length=100, blank=True)
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


class Agreement(models.Model):
    """The convention: one year, renewed tacitly until it is denounced."""

    class Delivery(models.TextChoices):
        PICKUP = "pickup", "Retrait"
        SHIPPING = "shipping", "Envoi"

    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="agreements"
    )
    signed_on = models.DateField("signée le")
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin", help_text="Dernier jour, compris.")
    renews_tacitly = models.BooleanField("reconduction tacite", default=True)
    delivery_mode = models.CharField(
        "livraison des cartes SIM", max_length=10, choices=Delivery, default=Delivery.SHIPPING
    )
    limit_per_person = models.PositiveSmallIntegerField(
        "recharges par personne et par mois",
        null=True,
        blank=True,
        help_text="Mois civil. Vide\u00a0: sans limite.",
    )

    class Meta:
        verbose_name = "convention"
        verbose_name_plural = "conventions"
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="structures_agreement_dates",
                violation_error_message="La convention finit avant d’avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(limit_per_person__isnull=True) | Q(limit_per_person__gte=1),
                name="structures_limit_per_person_positive",
                violation_error_message="La limite par personne est au moins 1.",
            ),
        )

    def __str__(self) -> str:
        return f"Convention de {self.structure} ({self.starts_on:%d/%m/%Y})"

    def in_force(self, on: dt.date) -> bool:
        """Return whether the convention binds on that day (tacit renewal has no last day)."""
        return self.starts_on <= on and (self.renews_tacitly or on <= self.ends_on)


class Amendment(models.Model):
    """The avenant: an exceptional period during which some products are free."""

    agreement = models.ForeignKey(
        Agreement, verbose_name="convention", on_delete=models.PROTECT, related_name="amendments"
    )
    label = models.CharField("intitulé", max_length=200)
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin", help_text="Dernier jour, compris.")

    class Meta:
        verbose_name = "avenant"
        verbose_name_plural = "avenants"
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="structures_amendment_dates",
                violation_error_message="L’avenant finit avant d’avoir commencé.",
            ),
        )

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.full_clean(exclude=["agreement"])
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self.agreement_id and self.starts_on and self.starts_on < self.agreement.starts_on:
            raise ValidationError(
                {"starts_on": "L’avenant ne peut pas commencer avant la convention."}
            )
