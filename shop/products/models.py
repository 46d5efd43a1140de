"""What a product of Oscar's catalogue hands over, and on which terms."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

#: The highest limit per order that a référent may set.
MOST_PER_ORDER = 200


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
        "dessin",
        max_length=40,
        default="gift",
        help_text="Ce que la fiche montre tant qu’aucune image n’est choisie.",
    )
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name="image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    image_alt = models.CharField(
        "ce que montre l’image",
        max_length=120,
        blank=True,
        help_text="Lu à voix haute à qui ne voit pas l’image.",
    )
    quota_only = models.BooleanField(
        "uniquement sur dotation",
        default=False,
        help_text="Ne se commande que dans la limite de la dotation gratuite.",
    )
    data_go = models.DecimalField(
        "internet compris",
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="En Go. Vide\u00a0: la recharge n’est pas faite pour internet.",
    )
    order_limit = models.PositiveSmallIntegerField("maximum par commande", default=20)
    code_pattern = models.CharField(
        "format du numéro",
        max_length=100,
        default=r"[0-9]{10}",
        validators=[validate_pattern],
        help_text="Expression régulière que chaque numéro importé respecte en entier.",
    )
    alert_threshold = models.PositiveIntegerField(
        "seuil d’alerte du stock",
        default=50,
        help_text="Les référents sont prévenus quand il reste moins de numéros que cela.",
    )
    retired_at = models.DateTimeField("retiré le", null=True, blank=True, editable=False)

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
            models.CheckConstraint(
                condition=Q(data_go__isnull=True) | Q(data_go__gt=0),
                name="products_data_positive",
                violation_error_message="Internet compris\u00a0: plus de zéro, ou rien.",
            ),
            models.CheckConstraint(
                condition=Q(image__isnull=True) | ~Q(image_alt=""),
                name="products_image_described",
                violation_error_message="Dites en quelques mots ce que montre l’image.",
            ),
        )

    def __str__(self) -> str:
        return str(self.product)


class ProductPrice(models.Model):
    """What a product costs from a day on, until a later price takes over.

    The one truth about prices: Oscar's stock records carry none. A price whose day is past never
    changes (a trigger refuses it); orders keep what they were sold at on their own lines.
    """

    product = models.ForeignKey(
        "catalogue.Product", verbose_name="produit", on_delete=models.PROTECT, related_name="prices"
    )
    price = models.DecimalField("prix", max_digits=6, decimal_places=2, help_text="En euros.")
    starts_on = models.DateField("à partir du")

    class Meta:
        verbose_name = "prix"
        verbose_name_plural = "prix"
        ordering = ("product", "starts_on")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("product", "starts_on"),
                name="products_one_price_a_day",
                violation_error_message="Ce produit a déjà un prix à partir de ce jour.",
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0),
                name="products_price_not_negative",
                violation_error_message="Un prix ne peut pas être négatif.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.price}\u00a0€ à partir du {self.starts_on:%d/%m/%Y}"
