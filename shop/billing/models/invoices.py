"""An invoice and its lines: what is issued never changes, for raw SQL either."""

from decimal import Decimal
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.structures.models import Membership, Structure
from shop.billing import balances
from shop.billing.models.runs import BillingRun


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices and credit notes, by kind, state and who may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Keep what the structure's référent reads: they manage its invoices, drafts apart."""
        mine = self.filter(structure=membership.structure_id, state=Invoice.State.ISSUED)
        return mine if membership.is_structure_lead and membership.is_active else mine.none()

    def issued(self) -> Self:
        """Keep those that have a number."""
        return self.filter(state=Invoice.State.ISSUED)

    def drafts(self) -> Self:
        """Keep those that may still change."""
        return self.filter(state=Invoice.State.DRAFT)

    def invoices(self) -> Self:
        """Leave the credit notes out."""
        return self.filter(kind=Invoice.Kind.INVOICE)

    def credit_notes(self) -> Self:
        """Keep the credit notes."""
        return self.filter(kind=Invoice.Kind.CREDIT_NOTE)

    def with_balance(self) -> "models.QuerySet[Any]":
        """Add what is ``paid``, ``credited`` and ``left``, and the ``situation`` of each."""
        return self.annotate(**balances.annotations())


class Invoice(models.Model):
    """What a structure owes for a month, or (a credit note) what it is given back of that.

    Both kinds share one series of numbers. ``seller``, ``buyer`` and ``mentions`` are written
    when it is issued; from then on triggers refuse to change or delete it and its lines.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Facture"
        CREDIT_NOTE = "credit_note", "Avoir"

    class State(models.TextChoices):
        DRAFT = "draft", "Brouillon"
        ISSUED = "issued", "Émise"

    uuid = models.UUIDField("identifiant public", default=uuid4, unique=True, editable=False)
    key = models.UUIDField("clé de création", default=uuid4, unique=True, editable=False)
    kind = models.CharField("nature", max_length=12, choices=Kind, default=Kind.INVOICE)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="invoices"
    )
    run = models.ForeignKey(
        BillingRun,
        verbose_name="facturation du mois",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="invoices",
    )
    month = models.DateField("mois", help_text="Son premier jour.")
    corrects = models.ForeignKey(
        "self",
        verbose_name="facture corrigée",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="credit_notes",
    )
    reason = models.CharField("motif", max_length=300, blank=True)
    year = models.PositiveSmallIntegerField("année", null=True, blank=True)
    rank = models.PositiveIntegerField("rang", null=True, blank=True)
    number = models.CharField("numéro", max_length=11, null=True, blank=True, unique=True)
    issued_on = models.DateField("émise le", null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="émise par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    due_on = models.DateField("à payer avant le", null=True, blank=True)
    supplied_from = models.DateField("fourni du")
    supplied_to = models.DateField("fourni au")
    seller = models.JSONField("vendeur", null=True, blank=True)
    buyer = models.JSONField("acheteur", null=True, blank=True)
    mentions = models.JSONField("mentions", null=True, blank=True)
    total = models.DecimalField("total", default=Decimal("0.00"), max_digits=12, decimal_places=2)
    created_at = models.DateTimeField("préparée le", auto_now_add=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = "facture"
        verbose_name_plural = "factures"
        ordering = ("-year", "-rank", "-pk")
        default_permissions = ("view",)
        permissions = (("manage_billing", "Préparer et émettre les factures"),)
        constraints = (
            models.UniqueConstraint(
                fields=("structure", "month"),
                condition=Q(kind="invoice"),
                name="billing_one_invoice_a_month",
                violation_error_message="Cette structure a déjà une facture pour ce mois.",
            ),
            models.UniqueConstraint(
                fields=("run", "corrects"),
                condition=Q(kind="credit_note", state="draft"),
                name="billing_one_credit_note_a_run",
                violation_error_message="Cette facture a déjà un avoir dans cette facturation.",
            ),
            models.UniqueConstraint(fields=("year", "rank"), name="billing_rank_once"),
            models.CheckConstraint(
                condition=Q(kind="invoice", corrects__isnull=True, reason="", run__isnull=False)
                | (Q(kind="credit_note", corrects__isnull=False) & ~Q(reason="")),
                name="billing_credit_note_corrects",
                violation_error_message="Un avoir corrige une facture, pour un motif.",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="draft",
                    year__isnull=True,
                    rank__isnull=True,
                    number__isnull=True,
                    issued_on__isnull=True,
                    issued_by__isnull=True,
                )
                | Q(
                    state="issued",
                    year__isnull=False,
                    rank__gte=1,
                    number__isnull=False,
                    issued_on__isnull=False,
                    issued_by__isnull=False,
                    due_on__gte=F("issued_on"),
                    seller__isnull=False,
                    buyer__isnull=False,
                    mentions__isnull=False,
                    total__gt=0,
                ),
                name="billing_issued_is_whole",
                violation_error_message="Une facture émise est complète et numérotée.",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, supplied_to__gte=F("supplied_from")),
                name="billing_month",
                violation_error_message="Un mois se note par son premier jour.",
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0),
                name="billing_total_not_negative",
                violation_error_message="Un total n’est pas négatif.",
            ),
        )
        indexes = (
            models.Index(
                fields=("run", "structure"), condition=Q(state="draft"), name="billing_drafts"
            ),
            models.Index(fields=("structure", "-month"), name="billing_by_structure"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number or 'en brouillon'}"

    @property
    def is_issued(self) -> bool:
        """Whether it has its number, and never changes any more."""
        return self.state == self.State.ISSUED

    @property
    def is_credit_note(self) -> bool:
        """Whether it gives back."""
        return self.kind == self.Kind.CREDIT_NOTE

    @property
    def balance(self) -> Decimal:
        """What it adds to the structure's account, in euros: negative for a credit note."""
        return -self.total if self.is_credit_note else self.total


class CreditNoteManager(models.Manager["CreditNote"]):
    """Credit notes alone."""

    def get_queryset(self) -> "models.QuerySet[CreditNote]":
        """Leave the invoices out."""
        return super().get_queryset().filter(kind=Invoice.Kind.CREDIT_NOTE)


class CreditNote(Invoice):
    """An invoice's correction; a row of the same table, numbered in the same series."""

    objects = CreditNoteManager()  # type: ignore[assignment, misc]  # narrower, on purpose

    class Meta:
        proxy = True
        verbose_name = "avoir"
        verbose_name_plural = "avoirs"
        default_permissions = ()


class InvoiceLine(models.Model):
    """Units of one order's product at one price: paid, or listed for information.

    Everything it says is the order's, as it was frozen the day it was placed. A credit note's
    line gives back units of one line of the invoice.
    """

    invoice = models.ForeignKey(
        Invoice, verbose_name="facture", on_delete=models.CASCADE, related_name="lines"
    )
    position = models.PositiveIntegerField("rang")
    order_line = models.ForeignKey(
        "order.Line",
        verbose_name="ligne de commande",
        on_delete=models.PROTECT,
        related_name="invoice_lines",
    )
    corrects = models.ForeignKey(
        "self",
        verbose_name="ligne corrigée",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrections",
    )
    order_number = models.CharField("commande", max_length=128)
    ordered_on = models.DateField("commandée le")
    member = models.CharField("membre", max_length=200, blank=True)
    title = models.CharField("produit", max_length=255)
    upc = models.CharField("référence", max_length=128, blank=True)
    quantity = models.PositiveIntegerField("quantité")
    unit_price = models.DecimalField("prix unitaire", max_digits=12, decimal_places=2)
    total = models.DecimalField("total", max_digits=12, decimal_places=2)
    is_free = models.BooleanField("gratuit", default=False)

    class Meta:
        verbose_name = "ligne de facture"
        verbose_name_plural = "lignes de facture"
        ordering = ("invoice", "position")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("invoice", "position"), name="billing_line_position"),
            models.UniqueConstraint(
                fields=("order_line", "is_free"),
                condition=Q(corrects__isnull=True),
                name="billing_order_line_once",
                violation_error_message="Cette ligne de commande est déjà facturée.",
            ),
            models.UniqueConstraint(
                fields=("invoice", "corrects"), name="billing_line_corrected_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="billing_line_quantity"),
            models.CheckConstraint(
                condition=Q(total=F("quantity") * F("unit_price")), name="billing_line_total"
            ),
            models.CheckConstraint(
                condition=Q(is_free=True, unit_price=0, corrects__isnull=True)
                | Q(is_free=False, unit_price__gt=0),
                name="billing_line_free_or_paid",
                violation_error_message="Une ligne est gratuite, ou elle a un prix.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"
