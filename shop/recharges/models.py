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
from portal.structures.models import Membership, Structure
from shop.recharges import drafts as drafts  # (its tables are this app's)


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
    withdrawn_at = models.DateTimeField("retiré du stock le", null=True, blank=True)

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

    def given(self) -> Self:
        """Keep those that may be used: neither taken back nor doubted."""
        return self.filter(state=RechargeCode.State.GIVEN)


class RechargeCode(models.Model):
    """One code, on one order line at most.

    ``available`` and ``expired`` codes belong to nobody, ``given`` ones to an order line. A code is
    ``quarantined`` where somebody doubts it: one that was given keeps its line, one that was in
    stock has none.
    """

    class State(models.TextChoices):
        AVAILABLE = "available", "Disponible"
        GIVEN = "given", "Donné"
        QUARANTINED = "quarantined", "En quarantaine"
        EXPIRED = "expired", "Expiré"

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
        permissions = (("show_code", "Peut voir un numéro en clair, en disant pourquoi"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    state__in=("available", "expired", "quarantined"),
                    order_line__isnull=True,
                    given_at__isnull=True,
                )
                | Q(
                    state__in=("given", "quarantined"),
                    order_line__isnull=False,
                    given_at__isnull=False,
                ),
                name="recharges_given_to_a_line",
                violation_error_message="Un numéro donné appartient à une ligne de commande.",
            ),
            models.CheckConstraint(
                condition=Q(first_shown_at__isnull=True) | Q(order_line__isnull=False),
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


class FaultyReport(models.Model):
    """A number that did not work: why, by whom, and what replaced it (its lineage)."""

    class Symptom(models.TextChoices):
        USED = "used", "«\u00a0Déjà utilisé\u00a0»"
        UNKNOWN = "unknown", "«\u00a0Numéro inconnu\u00a0» ou refusé"
        EXPIRED = "expired", "«\u00a0Expiré\u00a0»"
        OTHER = "other", "Autre chose"

    class State(models.TextChoices):
        REPLACED = "replaced", "Remplacé"
        WAITING = "waiting", "En attente d’un référent"
        REFUSED = "refused", "Refusé"

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    code = models.OneToOneField(
        RechargeCode, verbose_name="numéro", on_delete=models.PROTECT, related_name="report"
    )
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="+"
    )
    symptom = models.CharField("ce que dit SFR", max_length=10, choices=Symptom)
    note = models.CharField("précision", max_length=300, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="signalé par",
        on_delete=models.PROTECT,
        related_name="+",
    )
    reported_at = models.DateTimeField("signalé le", auto_now_add=True)
    state = models.CharField("suite", max_length=10, choices=State)
    replacement = models.OneToOneField(
        RechargeCode,
        verbose_name="remplacé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaces",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="décidé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    decision = models.CharField("motif de la décision", max_length=300, blank=True)
    claimed_at = models.DateTimeField("réclamé à SFR le", null=True, blank=True)

    class Meta:
        verbose_name = "numéro défectueux"
        verbose_name_plural = "numéros défectueux"
        ordering = ("-pk",)
        default_permissions = ("view", "change")
        constraints = (
            models.CheckConstraint(
                condition=Q(state="replaced", replacement__isnull=False)
                | (~Q(state="replaced") & Q(replacement__isnull=True)),
                name="recharges_replaced_by_a_code",
                violation_error_message="Un numéro remplacé a un remplaçant.",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused")
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="recharges_refused_by_somebody",
                violation_error_message="Un refus est signé.",
            ),
        )
        indexes = (models.Index(fields=("structure", "-reported_at"), name="recharges_reports"),)

    def __str__(self) -> str:
        return f"Numéro {self.code_id}, signalé le {self.reported_at:%d/%m/%Y}"


class StockAlert(models.Model):
    """A product whose stock is under its threshold: the row is the crossing, told once."""

    product = models.OneToOneField(
        "catalogue.Product", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    since = models.DateTimeField("depuis le", auto_now_add=True)

    class Meta:
        verbose_name = "alerte de stock"
        verbose_name_plural = "alertes de stock"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.product)
