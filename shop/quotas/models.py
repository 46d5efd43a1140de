"""Free quotas: what an amendment or a campaign gives, and the ledger of what was taken."""

import datetime as dt
import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.structures.models import Amendment, Structure
from shop.quotas.offers import FreeQuotaBenefit, FreeQuotaCondition

__all__ = ["Campaign", "FreeQuota", "FreeQuotaBenefit", "FreeQuotaCondition", "QuotaUse"]


#: A period may be empty: what is ended before its first day ends on the eve of it.
_A_DAY = dt.timedelta(days=1)


class Campaign(models.Model):
    """A named period in which some products are free, for the structures that hold its quotas.

    Its Oscar offer carries the discount into orders and reports; it limits nothing.
    """

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(
        "nom",
        max_length=100,
        unique=True,
        error_messages={"unique": "Une campagne porte déjà ce nom."},
    )
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin", help_text="Dernier jour, compris.")
    products: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        "catalogue.Product", verbose_name="produits", related_name="campaigns"
    )
    offer = models.OneToOneField(
        "offer.ConditionalOffer",
        on_delete=models.PROTECT,
        related_name="campaign",
        editable=False,
    )

    class Meta:
        verbose_name = "campagne"
        verbose_name_plural = "campagnes"
        ordering = ("-starts_on", "-pk")
        default_permissions = ("add", "change", "view")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on") - _A_DAY),
                name="quotas_campaign_dates",
                violation_error_message="La campagne finit avant d’avoir commencé.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Whether its last day is past, or its period empty."""
        return self.ends_on < max(timezone.localdate(), self.starts_on)

    @property
    def state(self) -> str:
        """A word for lists."""
        if self.is_over:
            return "Terminée"
        return "À venir" if timezone.localdate() < self.starts_on else "En cours"


class FreeQuotaQuerySet(models.QuerySet["FreeQuota"]):
    """Quotas by structure and day."""

    def open_for(self, structure: Structure, *, on: dt.date) -> Self:
        """Keep those that ``structure`` may draw on that day (both ends included)."""
        return self.filter(structure=structure, starts_on__lte=on, ends_on__gte=on)


class FreeQuota(models.Model):
    """Product × quantity × period, granted to a structure through its amendment or a campaign.

    It has one source, never both, so that one offer pays for its units.

    ``used`` is the running balance of `QuotaUse`; it changes in one statement, under the row's
    lock, and the database refuses more than was granted.
    """

    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="free_quotas"
    )
    amendment = models.ForeignKey(
        Amendment,
        verbose_name="avenant",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="free_quotas",
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name="campagne",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="free_quotas",
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
    limit_per_person = models.PositiveSmallIntegerField(
        "limite par bénéficiaire",
        null=True,
        blank=True,
        help_text="Recharges qu’une même personne peut recevoir sur la période. Vide\u00a0: sans "
        "limite.",
    )

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
            models.UniqueConstraint(
                fields=("campaign", "structure", "product"),
                name="quotas_once_per_campaign",
                violation_error_message="Cette structure a déjà une dotation pour ce produit dans "
                "la campagne.",
            ),
            models.CheckConstraint(
                condition=Q(amendment__isnull=False, campaign__isnull=True)
                | Q(amendment__isnull=True, campaign__isnull=False),
                name="quotas_one_source",
                violation_error_message="Une dotation vient d’un avenant ou d’une campagne.",
            ),
            models.CheckConstraint(
                condition=Q(limit_per_person__isnull=True) | Q(limit_per_person__gte=1),
                name="quotas_limit_per_person_positive",
                violation_error_message="La limite par bénéficiaire est au moins 1.",
            ),
            models.CheckConstraint(
                condition=Q(used__lte=F("granted")),
                name="quotas_used_within_granted",
                violation_error_message="La dotation ne peut pas être inférieure à ce qui a été "
                "pris.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on") - _A_DAY),
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

    @property
    def offer_id(self) -> int | None:
        """The Oscar offer of its campaign; none for an amendment's, which share one."""
        return self.campaign.offer_id if self.campaign else None


class QuotaUse(models.Model):
    """One movement of the ledger: an order line drew on a quota, and gave back if cancelled."""

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
    returned_at = models.DateTimeField("rendu le", null=True, blank=True)

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
