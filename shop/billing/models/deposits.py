"""What was deposited on Chorus Pro: which invoices left together, once each."""

import uuid

from django.conf import settings
from django.db import models

from shop.billing.models.invoices import Invoice


class ChorusDeposit(models.Model):
    """A batch of public bodies' invoices; its file is built again from their documents."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField("clé de création", unique=True, editable=False)
    created_at = models.DateTimeField("préparé le", auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="préparé par",
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = "dépôt sur Chorus Pro"
        verbose_name_plural = "dépôts sur Chorus Pro"
        ordering = ("-pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"Dépôt n°{self.pk}"


class DepositedInvoice(models.Model):
    """An invoice of a deposit: it is in one only."""

    invoice = models.OneToOneField(
        Invoice,
        verbose_name="facture",
        on_delete=models.PROTECT,
        related_name="deposited",
        primary_key=True,
    )
    deposit = models.ForeignKey(
        ChorusDeposit, verbose_name="dépôt", on_delete=models.PROTECT, related_name="items"
    )

    class Meta:
        verbose_name = "facture déposée"
        verbose_name_plural = "factures déposées"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.invoice_id} dans {self.deposit_id}"
