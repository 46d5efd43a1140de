"""Hand-overs: to whom each number went, when, and who paid how much.

« To whom » is the structure's own reference, never a name: encrypted, beside a keyed fingerprint
that finds it again. Both are emptied when their time is over (see docs/handovers.md).
"""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.privacy.fields import EncryptedTextField
from portal.structures.models import Membership, Structure
from shop.quotas.models import FreeQuota
from shop.recharges.models import RechargeCode


class HandOverQuerySet(models.QuerySet["HandOver"]):
    """Hand-overs by who may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Keep those of the member's structure: colleagues share a desk."""
        return self.filter(structure=membership.structure_id)


class HandOver(models.Model):
    """One number given to one person. It uses a free unit of the order line, or a paid one."""

    class Payer(models.TextChoices):
        BENEFICIARY = "beneficiary", "Le bénéficiaire"
        STRUCTURE = "structure", "La structure"
        NOBODY = "nobody", "Gratuite"

    code = models.OneToOneField(
        RechargeCode, verbose_name="numéro", on_delete=models.PROTECT, related_name="handover"
    )
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="handovers"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="noté par",
        on_delete=models.PROTECT,
        related_name="+",
    )
    reference = EncryptedTextField("référence de la personne", blank=True)
    reference_fingerprint = models.CharField("empreinte", max_length=64, blank=True, editable=False)
    handed_on = models.DateField("remis le")
    paid_by = models.CharField("payé par", max_length=12, choices=Payer)
    amount = models.DecimalField("montant", max_digits=6, decimal_places=2)
    quota = models.ForeignKey(
        FreeQuota,
        verbose_name="dotation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="handovers",
        help_text="Celle qui a payé ce numéro\u00a0; vide s’il est au prix solidaire.",
    )
    created_at = models.DateTimeField("noté le", auto_now_add=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = "remise"
        verbose_name_plural = "remises"
        ordering = ("-handed_on", "-pk")
        default_permissions = ()  # The back office has no business with references.
        constraints = (
            models.CheckConstraint(
                condition=Q(paid_by="nobody", amount=Decimal(0))
                | Q(paid_by__in=("beneficiary", "structure"), amount__gt=Decimal(0)),
                name="handovers_paid_by_somebody",
                violation_error_message="Un montant est payé par quelqu’un.",
            ),
            models.CheckConstraint(
                condition=Q(quota__isnull=True) | Q(amount=Decimal(0)),
                name="handovers_free_costs_nothing",
                violation_error_message="Une recharge de la dotation gratuite ne coûte rien.",
            ),
        )
        indexes = (
            models.Index(fields=("structure", "reference_fingerprint"), name="handovers_by_person"),
            models.Index(fields=("structure", "handed_on"), name="handovers_by_day"),
        )

    def __str__(self) -> str:
        return f"Remise {self.pk}"  # never the reference: this text reaches logs
