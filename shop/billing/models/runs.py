"""A month's run, and the numbers that its invoices take."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.ui.text import of
from shop.handovers.months import named


class BillingRun(models.Model):
    """The invoices of one month, prepared together, reviewed, then issued."""

    class State(models.TextChoices):
        DRAFT = "draft", "À relire"
        ISSUED = "issued", "Émise"

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    month = models.DateField("mois", unique=True, help_text="Son premier jour.")
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    opened_at = models.DateTimeField("ouverte le", auto_now_add=True)
    issue_asked_at = models.DateTimeField("émission demandée le", null=True, blank=True)
    issue_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="émission demandée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    issued_at = models.DateTimeField("émise le", null=True, blank=True)

    class Meta:
        verbose_name = "facturation du mois"
        verbose_name_plural = "facturations mensuelles"
        ordering = ("-month",)
        default_permissions = ("view",)
        constraints = (
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="billing_run_first_day",
                violation_error_message="Un mois se note par son premier jour.",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", issued_at__isnull=True)
                | Q(state="issued", issued_at__isnull=False),
                name="billing_run_issued_on_a_day",
                violation_error_message="Une facturation émise l’est à une date.",
            ),
        )

    def __str__(self) -> str:
        return f"Facturation {of(named(self.month))}"


class NumberSeries(models.Model):
    """The last number of a year: locked by the transaction that issues, until it commits.

    A transaction that rolls back gives its number back, so that the series has no hole.
    """

    year = models.PositiveSmallIntegerField("année", primary_key=True)
    last = models.PositiveIntegerField("dernier rang", default=0)
    last_on = models.DateField("date du dernier numéro", null=True, blank=True)

    class Meta:
        verbose_name = "série de numéros"
        verbose_name_plural = "séries de numéros"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.year}-{self.last:06d}"
