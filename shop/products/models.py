"""What a product of Oscar's catalogue hands over, and on which terms."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q


def validate_pattern(value: str) -> None:
    """Refuse a text that is no regular expression.

    Raises:
        ValidationError: naming where the expression breaks.
    """
    try:
        re.compile(value)
    except re.error as error:
        raise ValidationError(
            f"Cette expression n’est pas valide\u00a0: {error}.", code="pattern"
        ) from error


class ProductTerms(models.Model):
    """One-to-one beside Oscar's product: no forked model, no copied migration."""

    class Kind(models.TextChoices):
        CODE = "code", "Numéro de recharge"
        SIM = "sim", "Carte SIM"

    product = models.OneToOneField(
        "catalogue.Product",
        verbose_name="produit",
        on_delete=models.CASCADE,
        related_name="terms",
        primary_key=True,
    )
    kind = models.CharField("nature", max_length=10, choices=Kind, default=Kind.CODE)
    position = models.PositiveSmallIntegerField("rang", default=0, db_index=True)
    summary = models.CharField("en une phrase", max_length=200)
    validity = models.CharField("validité", max_length=120, blank=True)
    illustration = models.CharField(
        "illustration",
        max_length=40,
        help_text="Nom du dessin, parmi ceux de static/img/products.",
    )
    quota_only = models.BooleanField(
        "uniquement sur dotation",
        default=False,
        help_text="Ne se commande que dans la limite de la dotation gratuite.",
    )
    order_limit = models.PositiveSmallIntegerField("maximum par commande", default=20)
    code_pattern = models.CharField(
        "format du numéro",
        max_length=100,
        default=r"[0-9]{10}",
        validators=[validate_pattern],
        help_text="Expression régulière que chaque numéro importé respecte en entier.",
    )

    class Meta:
        verbose_name = "conditions du produit"
        verbose_name_plural = "conditions des produits"
        ordering = ("position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(order_limit__gte=1),
                name="products_order_limit_positive",
                violation_error_message="Le maximum par commande est au moins 1.",
            ),
        )

    def __str__(self) -> str:
        return str(self.product)
