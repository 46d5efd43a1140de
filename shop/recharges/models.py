"""Recharge codes: lots as they were imported, codes as they are given, and who saw them.

A code is money. It is encrypted at rest; its keyed fingerprint makes it unique over every lot
ever imported; the constraints below hold against raw SQL too.
"""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.privacy.crypto import fingerprint
from portal.privacy.fields import EncryptedTextField
from portal.structures.models import Membership


class CodeLot(models.Model):
    """A file of codes, committed whole."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom du lot", max_length=120)
    size = models.PositiveIntegerField("nombre de numéros")
    imported_at = models.DateTimeField("importé le", auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="importé par",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = "lot de numéros"
        verbose_name_plural = "lots de numéros"
        ordering = ("-pk",)
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return self.name


class RechargeCodeQuerySet(models.QuerySet["RechargeCode"]):
    """Codes by who may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Keep the codes given to the member's structure: colleagues share a desk."""
        return self.filter(order_line__order__placed__structure=membership.structure_id)


class RechargeCode(models.Model):
    """One code. ``available`` codes belong to nobody; every other state names its order line."""

    class State(models.TextChoices):
        AVAILABLE = "available", "Disponible"
        GIVEN = "given", "Donné"

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    lot = models.ForeignKey(
        CodeLot, verbose_name="lot", on_delete=models.PROTECT, related_name="codes"
    )
    product = models.ForeignKey(
        "catalogue.Product", verbose_name="produit", on_delete=models.PROTECT, related_name="codes"
    )
    secret = EncryptedTextField("numéro")
    fingerprint = models.CharField("empreinte", max_length=64, unique=True, editable=False)
    serial = models.CharField("numéro de série", max_length=40, blank=True)
    expires_on = models.DateField("valable jusqu’au", help_text="Dernier jour, compris.")
    state = models.CharField("état", max_length=12, choices=State, default=State.AVAILABLE)
    order_line = models.ForeignKey(
        "order.Line",
        verbose_name="ligne de commande",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="codes",
    )
    given_at = models.DateTimeField("donné le", null=True, blank=True)
    first_shown_at = models.DateTimeField("montré le", null=True, blank=True)

    objects = RechargeCodeQuerySet.as_manager()

    class Meta:
        verbose_name = "numéro de recharge"
        verbose_name_plural = "numéros de recharge"
        ordering = ("pk",)
        default_permissions = ("view",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state="available", order_line__isnull=True, given_at__isnull=True)
                | Q(state="given", order_line__isnull=False, given_at__isnull=False),
                name="recharges_given_to_a_line",
                violation_error_message="Un numéro donné appartient à une ligne de commande.",
            ),
            models.CheckConstraint(
                condition=Q(first_shown_at__isnull=True) | Q(state="given"),
                name="recharges_shown_when_given",
                violation_error_message="Un numéro montré a été donné.",
            ),
        )
        indexes = (
            # The claim reads this one from its start, whatever the size of the stock.
            models.Index(
                fields=("product", "expires_on", "id"),
                condition=Q(state="available"),
                name="recharges_claim",
            ),
        )

    def __str__(self) -> str:
        return f"Numéro {self.uuid}"  # never the secret: this text reaches logs and lists

    @staticmethod
    def fingerprint_of(secret: str) -> str:
        """Return the keyed fingerprint by which a code is known."""
        return fingerprint("code", secret)


class LotDraft(models.Model):
    """An uploaded file between its preview and its import: encrypted, for one person, one day."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("nom du lot", max_length=120)
    content = EncryptedTextField("contenu")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    uploaded_at = models.DateTimeField("déposé le", auto_now_add=True)

    class Meta:
        verbose_name = "fichier en attente"
        verbose_name_plural = "fichiers en attente"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
