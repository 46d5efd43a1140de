"""Free quotas: what an amendment gives, and the ledger of what was taken."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q

from portal.structures.models import Amendment, Structure
from shop.quotas.offers import FreeQuotaBenefit, FreeQuotaCondition

__all__ = ["FreeQuota", "FreeQuotaBenefit", "FreeQuotaCondition", "QuotaUse"]


class FreeQuotaQuerySet(models.QuerySet["FreeQuota"]):
    """Quotas by structure and day."""

    def open_for(self, structure: Structure, *, on: dt.date) -> Self:
        """Keep those that ``structure`` may draw on that day (both ends included)."""
        return self.filter(structure=structure, starts_on__lte=on, ends_on__gte=on)


class FreeQuota(models.Model):
    """Product × quantity × period, granted to a structure through its amendment.

    ``used`` is the running balance of `QuotaUse`; it changes in one statement, under the row's
    lock, and the database refuses more than was granted.
    """

    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="free_quotas"
    )
    amendment = models.ForeignKey(
        Amendment, verbose_name="avenant", on_delete=models.PROTECT, related_name="free_quotas"
    )
    product = models.ForeignKey(
        "catalogue.Product",
        verbose_name="produit",
        on_delete=models.PROTECT,
        related_name="free_quotas",
    )
    granted = models.PositiveIntegerField("quantité accordée")
    used = models.PositiveIntegerField("quantité prise", default=0, editable=False)
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin", help_text="Dernier jour, compris.")

    objects = FreeQuotaQuerySet.as_manager()

    class Meta:
        verbose_name = "dotation gratuite"
        verbose_name_plural = "dotations gratuites"
        ordering = ("structure", "product", "ends_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("amendment", "product"),
                name="quotas_once_per_amendment",
                violation_error_message="Cet avenant a déjà une dotation pour ce produit.",
            ),
            models.CheckConstraint(
                condition=Q(used__lte=F("granted")),
                name="quotas_used_within_granted",
                violation_error_message="La dotation ne peut pas être inférieure à ce qui a été "
                "pris.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="quotas_dates",
                violation_error_message="La dotation finit avant d’avoir commencé.",
            ),
        )
        indexes = (models.Index(fields=("structure", "ends_on"), name="quotas_by_structure"),)

    def __str__(self) -> str:
        return f"{self.product} × {self.granted}"

    @property
    def left(self) -> int:
        """Units still free."""
        return self.granted - self.used


class QuotaUse(models.Model):
    """One movement of the ledger: an order line drew on a quota."""

    quota = models.ForeignKey(
        FreeQuota, verbose_name="dotation", on_delete=models.PROTECT, related_name="uses"
    )
    order_line = models.ForeignKey(
        "order.Line",
        verbose_name="ligne de commande",
        on_delete=models.PROTECT,
        related_name="quota_uses",
    )
    quantity = models.PositiveIntegerField("quantité")
    created_at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "mouvement de dotation"
        verbose_name_plural = "mouvements de dotation"
        ordering = ("-pk",)
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(
                fields=("quota", "order_line"), name="quotas_use_once_per_line"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="quotas_use_positive"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.quota_id}"
