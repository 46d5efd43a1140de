"""What Oscar's basket and order lack: the structure, an unguessable name, a key a submission."""

import uuid
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from oscar.core.loading import get_model

from portal.structures.models import Membership, Structure


class StructureBasket(models.Model):
    """The basket of a person for one of their structures.

    ``key`` is the idempotency key of its submission: a basket becomes one order at most,
    whatever the number of clicks, tabs and retries.
    """

    basket = models.OneToOneField(
        "basket.Basket", on_delete=models.CASCADE, related_name="context", primary_key=True
    )
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="baskets")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="structure_baskets"
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_open = models.BooleanField(default=True)

    class Meta:
        verbose_name = "panier"
        verbose_name_plural = "paniers"
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "structure"),
                condition=Q(is_open=True),
                name="ordering_one_open_basket",
            ),
        )

    def __str__(self) -> str:
        return f"Panier {self.key}"


class PlacedOrderQuerySet(models.QuerySet["PlacedOrder"]):
    """Orders by who may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Keep the orders of the member's structure: colleagues share a desk."""
        return self.filter(structure=membership.structure_id)

    def with_units(self) -> Self:
        """Add ``units``, the articles of each order, in the same query."""
        lines = get_model("order", "Line").objects.filter(order=OuterRef("pk")).order_by()
        total = lines.values("order").annotate(total=Sum("quantity")).values("total")
        return self.annotate(units=Subquery(total))


class PlacedOrder(models.Model):
    """Beside Oscar's order: the structure that pays, and the key that made it."""

    order = models.OneToOneField(
        "order.Order", on_delete=models.PROTECT, related_name="placed", primary_key=True
    )
    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField("clé de soumission", unique=True, editable=False)
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="orders"
    )
    free_units = models.PositiveIntegerField("articles gratuits", default=0)
    placed_at = models.DateTimeField("passée le", auto_now_add=True)
    numbers_hidden = models.BooleanField(
        "numéros masqués",
        default=False,
        help_text="Passée d’avance\u00a0: aucun numéro n’est montré tant qu’on ne le demande pas.",
    )
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="annulée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    cancel_reason = models.CharField("motif de l’annulation", max_length=300, blank=True)

    objects = PlacedOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "commande"
        verbose_name_plural = "commandes"
        ordering = ("-pk",)
        default_permissions = ("view", "change")
        constraints = (
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="ordering_cancelled_by_somebody",
                violation_error_message="Une annulation est signée.",
            ),
        )
        indexes = (models.Index(fields=("structure", "-order"), name="ordering_by_structure"),)

    def __str__(self) -> str:
        return f"n°{self.order.number}"

    @property
    def is_cancelled(self) -> bool:
        """Whether everything it took went back."""
        return self.cancelled_at is not None

    @property
    def state(self) -> str:
        """Where it stands, in a word for the screen."""
        return "Annulée" if self.is_cancelled else "Passée"

    @property
    def due(self) -> Decimal:
        """What it adds to the bill, in euros: nothing once cancelled."""
        return Decimal("0.00") if self.is_cancelled else self.order.total_incl_tax
