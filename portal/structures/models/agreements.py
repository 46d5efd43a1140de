"""The convention, and the avenants under it."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from portal.structures.models.structure import Structure


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
