"""The convention, and the avenants under it, with the needs that they answer."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from portal.structures.models.structure import Structure

_A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Days from ``starts_on`` to ``ends_on``, both included."""

    starts_on: dt.date
    ends_on: dt.date


class Signed(models.Model):
    """What both papers have in common: a text, dates, and who countersigned."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    text = models.ForeignKey(
        "structures.AgreementText",
        verbose_name="texte",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Celui du document envoyé à signer.",
    )
    signed_on = models.DateField("signature de la structure", null=True, blank=True)
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="contresigné par",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    countersigned_at = models.DateTimeField("contresigné le", null=True, editable=False)
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour, compris")

    class Meta:
        abstract = True


class Agreement(Signed):
    """The convention: one year, renewed tacitly until it is denounced."""

    class Delivery(models.TextChoices):
        PICKUP = "pickup", "Retrait"
        SHIPPING = "shipping", "Envoi"

    class State(models.TextChoices):
        DRAFT = "draft", "En préparation"
        TO_SIGN = "to_sign", "À signer"
        SIGNED = "signed", "À contresigner"
        IN_FORCE = "in_force", "En vigueur"
        DENOUNCED = "denounced", "Dénoncée"
        ENDED = "ended", "Terminée"

    #: Those that somebody is still working on: a structure has one at most.
    UNDER_WAY = (State.DRAFT, State.TO_SIGN, State.SIGNED)

    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="agreements"
    )
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    public = models.CharField("public accueilli", max_length=200, blank=True)
    renews_tacitly = models.BooleanField("reconduction tacite", default=True)
    denounced_on = models.DateField("dénoncée le", null=True, blank=True, editable=False)
    allows_solidarity_prices = models.BooleanField(
        "commandes au prix solidaire",
        default=True,
        help_text="Après un avenant, la structure peut continuer à commander au prix solidaire.",
    )
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
        default_permissions = ("add", "change", "view")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="structures_agreement_dates",
                violation_error_message="La convention finit avant d’avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(limit_per_person__isnull=True) | Q(limit_per_person__gte=1),
                name="structures_limit_per_person_positive",
                violation_error_message="La limite par personne est au moins 1.",
            ),
            models.UniqueConstraint(
                fields=("structure",),
                condition=Q(state__in=("draft", "to_sign", "signed")),
                name="structures_one_agreement_under_way",
                violation_error_message="Une convention est déjà en préparation pour cette "
                "structure.",
            ),
        )

    def __str__(self) -> str:
        return f"Convention de {self.structure} ({self.starts_on:%d/%m/%Y})"

    @property
    def has_last_day(self) -> bool:
        """Whether it stops at the end of its period: not tacit, or denounced."""
        return self.state == self.State.DENOUNCED or not self.renews_tacitly

    def in_force(self, on: dt.date) -> bool:
        """Return whether the convention binds on that day (tacit renewal has no last day)."""
        return (
            self.state in (self.State.IN_FORCE, self.State.DENOUNCED)
            and self.starts_on <= on
            and (not self.has_last_day or on <= self.ends_on)
        )

    def current_period(self, on: dt.date) -> Period:
        """Return the period that holds that day: the first one, or a year's renewal of it.

        Before its beginning, and after the end of one that stops, it is the written one.
        """
        if self.has_last_day or on <= self.ends_on:
            return Period(self.starts_on, self.ends_on)
        years = on.year - self.ends_on.year
        if _years_after(self.ends_on, years) < on:
            years += 1
        start = _years_after(self.ends_on, years - 1) + _A_DAY
        return Period(start, _years_after(self.ends_on, years))


class Amendment(Signed):
    """The avenant: an exceptional period during which some products are free."""

    class State(models.TextChoices):
        DRAFT = "draft", "En préparation"
        TO_SIGN = "to_sign", "À signer"
        SIGNED = "signed", "À valider"
        VALIDATED = "validated", "Validé"
        ENDED = "ended", "Terminé"
        REFUSED = "refused", "Refusé"

    agreement = models.ForeignKey(
        Agreement, verbose_name="convention", on_delete=models.PROTECT, related_name="amendments"
    )
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    label = models.CharField("intitulé", max_length=200)
    delivery_mode = models.CharField(
        "livraison des cartes SIM",
        max_length=10,
        choices=Agreement.Delivery,
        default=Agreement.Delivery.SHIPPING,
    )

    class Meta:
        verbose_name = "avenant"
        verbose_name_plural = "avenants"
        ordering = ("-starts_on", "-pk")
        default_permissions = ()  # those of conventions
        constraints = (
            # One that is ended before its first day ends on the eve of it.
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on") - _A_DAY),
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

    def runs(self, on: dt.date) -> bool:
        """Return whether its free quantities can be drawn on that day."""
        return self.state == self.State.VALIDATED and self.starts_on <= on <= self.ends_on


class AmendmentNeed(models.Model):
    """What the structure asks of a product for the avenant's period, and what it is given."""

    amendment = models.ForeignKey(
        Amendment, verbose_name="avenant", on_delete=models.CASCADE, related_name="needs"
    )
    upc = models.CharField("référence du produit", max_length=64)
    title = models.CharField("produit", max_length=255, help_text="Tel qu’il s’appelait alors.")
    asked = models.PositiveIntegerField("quantité demandée", default=0)
    validated = models.PositiveIntegerField(
        "quantité accordée", null=True, blank=True, help_text="Vide\u00a0: pas encore décidée."
    )
    per_beneficiary = models.PositiveSmallIntegerField(
        "limite par bénéficiaire", null=True, blank=True, help_text="Vide\u00a0: sans limite."
    )

    class Meta:
        verbose_name = "besoin"
        verbose_name_plural = "besoins"
        ordering = ("pk",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("amendment", "upc"),
                name="structures_need_once",
                violation_error_message="Ce produit est déjà dans l’avenant.",
            ),
            models.CheckConstraint(
                condition=Q(per_beneficiary__isnull=True) | Q(per_beneficiary__gte=1),
                name="structures_need_per_beneficiary",
                violation_error_message="La limite par bénéficiaire est au moins 1.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}\u00a0: {self.asked}"


def _years_after(day: dt.date, years: int) -> dt.date:
    """Return the same day some years later; the 28th for a 29 February that does not exist."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
