"""What was paid of invoices, the bank's lines that say so, and the reminders of what was not."""

from decimal import Decimal
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from shop.billing.models.invoices import Invoice


class BankStatement(models.Model):
    """A file of the bank that was imported; its debits and the lines known before are not kept."""

    uuid = models.UUIDField("identifiant public", default=uuid4, unique=True, editable=False)
    name = models.CharField("fichier", max_length=200)
    digest = models.CharField("empreinte du fichier", max_length=64, unique=True)
    known = models.PositiveIntegerField("lignes déjà connues", default=0)
    debits = models.PositiveIntegerField("débits laissés de côté", default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="importé par",
        on_delete=models.PROTECT,
        related_name="+",
    )
    imported_at = models.DateTimeField("importé le", auto_now_add=True)

    class Meta:
        verbose_name = "relevé bancaire"
        verbose_name_plural = "relevés bancaires"
        ordering = ("-imported_at", "-pk")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class StatementLine(models.Model):
    """Money that came in. It may pay several invoices, never more than its amount.

    ``digest`` is of its day, amount, label, and rank among the file's lines that say the same:
    a line that two files hold is stored once. One that pays no invoice is set aside, and its
    label erased: it says who sent money, and why.
    """

    uuid = models.UUIDField("identifiant public", default=uuid4, unique=True, editable=False)
    statement = models.ForeignKey(
        BankStatement, verbose_name="relevé", on_delete=models.PROTECT, related_name="lines"
    )
    number = models.PositiveIntegerField("ligne du fichier")
    received_on = models.DateField("reçu le")
    label = models.CharField("libellé", max_length=500, blank=True)
    amount = models.DecimalField("montant", max_digits=12, decimal_places=2)
    digest = models.CharField("empreinte", max_length=64, unique=True)
    set_aside_at = models.DateTimeField("écartée le", null=True, blank=True)
    set_aside_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="écartée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = "ligne de relevé"
        verbose_name_plural = "lignes de relevé"
        ordering = ("statement", "number")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_bank_line_amount"),
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True, set_aside_by__isnull=True)
                | Q(set_aside_at__isnull=False, set_aside_by__isnull=False, label=""),
                name="billing_bank_line_set_aside",
            ),
        )

    def __str__(self) -> str:
        return f"Ligne {self.number} de {self.statement_id}"


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments, cancelled ones apart."""

    def counting(self) -> Self:
        """Leave out those that were cancelled."""
        return self.filter(voided_at=None)


class Payment(models.Model):
    """Money received for an invoice. A wrong one is cancelled, with a reason, and stays.

    Triggers hold the rest: an invoice is not paid beyond what its credit notes leave, a line of
    the bank not used beyond its amount, and what a payment says never changes.
    """

    class Method(models.TextChoices):
        TRANSFER = "transfer", "Virement"
        CHEQUE = "cheque", "Chèque"
        MANDATE = "mandate", "Mandat administratif"
        OTHER = "other", "Autre"

    uuid = models.UUIDField("identifiant public", default=uuid4, unique=True, editable=False)
    key = models.UUIDField("clé de création", default=uuid4, unique=True, editable=False)
    invoice = models.ForeignKey(
        Invoice, verbose_name="facture", on_delete=models.PROTECT, related_name="payments"
    )
    amount = models.DecimalField("montant", max_digits=12, decimal_places=2)
    received_on = models.DateField("reçu le")
    method = models.CharField("moyen", max_length=10, choices=Method, default=Method.TRANSFER)
    reference = models.CharField("référence", max_length=100, blank=True)
    statement_line = models.ForeignKey(
        StatementLine,
        verbose_name="ligne de relevé",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="payments",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="noté par",
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("noté le", auto_now_add=True)
    voided_at = models.DateTimeField("annulé le", null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="annulé par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    void_reason = models.CharField("motif de l’annulation", max_length=300, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "paiement"
        verbose_name_plural = "paiements"
        ordering = ("received_on", "pk")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gt=Decimal("0")),
                name="billing_payment_amount",
                violation_error_message="Un paiement est d’au moins un centime.",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="billing_payment_voided_whole",
                violation_error_message="Un paiement s’annule pour un motif.",
            ),
            models.UniqueConstraint(
                fields=("invoice", "statement_line"),
                condition=Q(voided_at__isnull=True),
                name="billing_payment_line_once",
                violation_error_message="Cette ligne paie déjà cette facture.",
            ),
        )

    def __str__(self) -> str:
        return f"Paiement {self.uuid}"

    @property
    def is_voided(self) -> bool:
        """Whether it counts no more."""
        return self.voided_at is not None


class Reminder(models.Model):
    """A reminder of an invoice, once a step; none is sent of one that was paid meanwhile."""

    class Step(models.IntegerChoices):
        """Days after the due date."""

        FIRST = 15, "Premier rappel"
        SECOND = 30, "Deuxième rappel"
        LAST = 45, "Dernier rappel"

    invoice = models.ForeignKey(
        Invoice, verbose_name="facture", on_delete=models.PROTECT, related_name="reminders"
    )
    step = models.PositiveSmallIntegerField("étape", choices=Step)
    asked_on = models.DateField("décidé le")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)

    class Meta:
        verbose_name = "rappel"
        verbose_name_plural = "rappels"
        ordering = ("invoice", "step")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("invoice", "step"), name="billing_reminder_once"),
            models.UniqueConstraint(fields=("invoice", "asked_on"), name="billing_reminder_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.get_step_display()} de {self.invoice_id}"
