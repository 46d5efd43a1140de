"""SIM cards on their way to a structure: where to, which cards, and how far they are."""

import uuid
from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When

from portal.privacy.crypto import fingerprint
from portal.privacy.fields import EncryptedTextField
from portal.structures.models import Agreement, Membership, Structure
from portal.ui.text import format_phone
from shop.sims.states import BADGES, LEFT, State


class DeliveryAddress(models.Model):
    """Where a structure has its cards sent; one of its addresses is the default."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    structure = models.ForeignKey(
        Structure,
        verbose_name="structure",
        on_delete=models.CASCADE,
        related_name="delivery_addresses",
    )
    label = models.CharField(
        "nom de l’adresse", max_length=60, help_text="Par exemple «\u00a0Accueil de jour\u00a0»."
    )
    recipient = models.CharField(
        "destinataire", max_length=100, help_text="La personne ou le service qui reçoit le colis."
    )
    street = models.CharField("numéro et rue", max_length=150)
    complement = models.CharField("bâtiment, étage, boîte postale", max_length=150, blank=True)
    postcode = models.CharField(
        "code postal",
        max_length=5,
        validators=[
            RegexValidator(
                r"^[0-9]{5}$", "Le code postal compte 5 chiffres, par exemple 33000.", "postcode"
            )
        ],
    )
    city = models.CharField("commune", max_length=100)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    instructions = models.CharField(
        "indications pour le livreur",
        max_length=200,
        blank=True,
        help_text="Par exemple «\u00a0ouvert le matin, sonner à l’interphone\u00a0».",
    )
    is_default = models.BooleanField("adresse par défaut", default=False)

    class Meta:
        verbose_name = "adresse de livraison"
        verbose_name_plural = "adresses de livraison"
        ordering = ("-is_default", "label", "pk")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("structure",),
                condition=Q(is_default=True),
                name="sims_one_default_address",
                violation_error_message="La structure a déjà une adresse par défaut.",
            ),
            models.CheckConstraint(
                condition=Q(postcode__regex=r"^[0-9]{5}$"),
                name="sims_postcode",
                violation_error_message="Le code postal compte 5 chiffres.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label}, {self.city}"

    def as_text(self, structure: Structure) -> str:
        """Return the label of a parcel, one line each; ``structure`` is the address's own."""
        lines = (
            self.recipient,
            structure.name,
            self.street,
            self.complement,
            f"{self.postcode} {self.city}",
            f"Tél. {format_phone(self.phone)}" if self.phone else "",
            self.instructions,
        )
        return "\n".join(line for line in lines if line)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by who may see them, and in the order of the work."""

    def visible_to(self, membership: Membership) -> Self:
        """Keep the deliveries of the member's structure: colleagues share a desk."""
        return self.filter(placed__structure=membership.structure_id)

    def by_urgency(self) -> Self:
        """Put what is to be prepared first, the oldest on top; the rest follows, newest first."""
        waits = Q(state=State.TO_PREPARE)
        return self.annotate(
            rank=Case(When(waits, then=Value(0)), default=Value(1)),
            waits_since=Case(When(waits, then=F("pk"))),
        ).order_by("rank", "waits_since", "-pk")


class Delivery(models.Model):
    """The SIM cards of one order, from the shelf to the structure."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    placed = models.OneToOneField(
        "ordering.PlacedOrder",
        verbose_name="commande",
        on_delete=models.PROTECT,
        related_name="delivery",
    )
    mode = models.CharField("livraison", max_length=10, choices=Agreement.Delivery)
    # A copy: the structure may change its addresses while the parcel is on its way.
    address = models.TextField("adresse", blank=True)
    units = models.PositiveIntegerField("cartes commandées")
    state = models.CharField("état", max_length=12, choices=State, default=State.TO_PREPARE)
    created_at = models.DateTimeField("demandée le", auto_now_add=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="préparée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    prepared_at = models.DateTimeField("préparée le", null=True, blank=True)
    left_at = models.DateTimeField("envoyée ou prête le", null=True, blank=True)
    tracking = models.CharField("numéro de suivi", max_length=60, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="reçue par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    received_at = models.DateTimeField("reçue le", null=True, blank=True)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "livraison de cartes SIM"
        verbose_name_plural = "livraisons de cartes SIM"
        ordering = ("-pk",)
        default_permissions = ("view",)
        permissions = (("prepare_delivery", "Peut préparer les cartes SIM"),)
        indexes = (
            models.Index(fields=("id",), condition=Q(state="to_prepare"), name="sims_to_prepare"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(units__gte=1),
                name="sims_units_positive",
                violation_error_message="Une livraison compte au moins une carte.",
            ),
            models.CheckConstraint(
                condition=Q(mode="shipping") & ~Q(address="") | Q(mode="pickup", address=""),
                name="sims_address_when_shipped",
                violation_error_message="Un envoi, et lui seul, a une adresse.",
            ),
            models.CheckConstraint(
                condition=Q(prepared_by__isnull=True, prepared_at__isnull=True)
                | Q(prepared_by__isnull=False, prepared_at__isnull=False),
                name="sims_prepared_by",
                violation_error_message="Une livraison préparée l’est par quelqu’un.",
            ),
            models.CheckConstraint(
                condition=Q(state="to_prepare", left_at__isnull=True)
                | Q(state="cancelled", left_at__isnull=True, prepared_at__isnull=True)
                | (
                    Q(prepared_at__isnull=False, left_at__isnull=False)
                    & (
                        Q(state="ready", mode="pickup")
                        | Q(state="sent", mode="shipping")
                        | Q(state="received")
                    )
                ),
                name="sims_left_when_prepared",
                violation_error_message="Seules des cartes préparées sont envoyées ou prêtes.",
            ),
            models.CheckConstraint(
                condition=Q(state="received", received_at__isnull=False, received_by__isnull=False)
                | (~Q(state="received") & Q(received_at__isnull=True, received_by__isnull=True)),
                name="sims_received_by",
                violation_error_message="Une livraison reçue, et elle seule, l’est par quelqu’un.",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True)),
                name="sims_cancelled_at",
                violation_error_message="Une livraison annulée, et elle seule, a une date "
                "d’annulation.",
            ),
            models.CheckConstraint(
                condition=Q(tracking="") | Q(mode="shipping", left_at__isnull=False),
                name="sims_tracking_when_sent",
                violation_error_message="Seul un envoi parti a un numéro de suivi.",
            ),
        )

    def __str__(self) -> str:
        return f"Livraison {self.uuid.hex[:8].upper()}"

    @property
    def badge(self) -> str:
        """Variant of the badge component for its state."""
        return BADGES[State(self.state)]


class SimCardQuerySet(models.QuerySet["SimCard"]):
    """Cards by who may see them."""

    def received_by(self, membership: Membership) -> Self:
        """Keep the cards that the member's structure has in its hands."""
        return self.filter(
            delivery__placed__structure=membership.structure_id, delivery__state=State.RECEIVED
        )

    def delivered(self) -> Self:
        """Keep the cards that have left the shelf."""
        return self.filter(delivery__state__in=sorted(LEFT))


class SimCard(models.Model):
    """One card of a delivery. It is in one delivery ever, or goes back to the shelf before."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    delivery = models.ForeignKey(
        Delivery, verbose_name="livraison", on_delete=models.PROTECT, related_name="cards"
    )
    order_line = models.ForeignKey(
        "order.Line",
        verbose_name="ligne de commande",
        on_delete=models.PROTECT,
        related_name="sim_cards",
    )
    iccid = EncryptedTextField("numéro de série (ICCID)")
    iccid_fingerprint = models.CharField("empreinte", max_length=64, unique=True, editable=False)

    objects = SimCardQuerySet.as_manager()

    class Meta:
        verbose_name = "carte SIM"
        verbose_name_plural = "cartes SIM"
        ordering = ("pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"Carte {self.uuid}"  # never its number: this text reaches logs and lists

    @property
    def end(self) -> str:
        """The last four digits: enough to find the card in a box."""
        digits: str = self.iccid
        return digits[-4:]

    @staticmethod
    def fingerprint_of(iccid: str) -> str:
        """Return the keyed fingerprint that an activation knows the same card by."""
        return fingerprint("iccid", iccid)
