"""What the seller says of itself on each invoice, and what the law wants written."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from stdnum import bic as bic_rule
from stdnum import iban as iban_rule
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fr import tva as vat_rule
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from portal.structures.models.structure import validate_siret


def validate_iban(value: str) -> None:
    """Check an IBAN: its country's length and its key.

    Raises:
        ValidationError: with a sentence that says what to do.
    """
    try:
        iban_rule.validate(value)
    except NumberError as error:
        raise ValidationError(
            "Cet IBAN n’est pas valide\u00a0: vérifiez chaque caractère.", code="iban"
        ) from error


def validate_bic(value: str) -> None:
    """Check a bank's code.

    Raises:
        ValidationError: with a sentence that says what to do.
    """
    try:
        bic_rule.validate(value)
    except NumberError as error:
        raise ValidationError(
            "Ce BIC n’est pas valide\u00a0: il a 8 ou 11 caractères.", code="bic"
        ) from error


def validate_vat_number(value: str) -> None:
    """Check a French VAT number.

    Raises:
        ValidationError: with a sentence that says what to do.
    """
    try:
        vat_rule.validate(value)
    except NumberError as error:
        raise ValidationError(
            "Ce numéro de TVA n’est pas valide\u00a0: FR, deux caractères, puis le SIREN.",
            code="vat_number",
        ) from error


@register_setting(icon="form")
class BillingSettings(BaseGenericSetting):
    """The seller, and the mentions of its invoices; there is one, whatever the site.

    An invoice freezes them when it is issued: what is edited here concerns the next ones.
    """

    class VatMention(models.TextChoices):
        """Why no VAT is charged."""

        FRANCHISE = "293B", "TVA non applicable, art. 293 B du CGI"
        NON_PROFIT = "261-7-1", "Exonération de TVA, art. 261-7-1 du CGI"

    seller_name = models.CharField("nom", max_length=200, default="Emmaüs Connect", blank=True)
    legal_form = models.CharField(
        "forme juridique", max_length=100, blank=True, default="Association loi 1901"
    )
    address = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    city = models.CharField("commune", max_length=100, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True, validators=[validate_siret])
    vat_number = models.CharField(
        "numéro de TVA",
        max_length=13,
        blank=True,
        validators=[validate_vat_number],
        help_text="Facultatif.",
    )
    iban = models.CharField("IBAN", max_length=34, blank=True, validators=[validate_iban])
    bic = models.CharField("BIC", max_length=11, blank=True, validators=[validate_bic])
    logo = models.ForeignKey(
        "pages.Picture",
        verbose_name="logo",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    vat_mention = models.CharField(
        "mention de TVA", max_length=10, choices=VatMention, default=VatMention.FRANCHISE
    )
    due_days = models.PositiveSmallIntegerField(
        "délai de paiement", default=30, help_text="En jours après l’émission."
    )
    penalty_rate = models.CharField(
        "pénalités de retard",
        max_length=200,
        blank=True,
        default="Trois fois le taux d’intérêt légal en vigueur",
        help_text="Taux exigible dès le lendemain de l’échéance.",
    )
    indemnity = models.CharField(
        "indemnité de recouvrement",
        max_length=300,
        blank=True,
        default="Indemnité forfaitaire pour frais de recouvrement\u00a0: 40\u00a0€ "
        "(art. D. 441-5 du Code de commerce).",
    )
    reminder_15 = models.TextField(
        "premier rappel",
        blank=True,
        default="Sauf erreur de notre part, cette facture reste à régler. Si le paiement est "
        "parti, ne tenez pas compte de ce message.",
        help_text="Quinze jours après l’échéance.",
    )
    reminder_30 = models.TextField(
        "deuxième rappel",
        blank=True,
        default="Cette facture est échue depuis un mois. Merci de la régler, ou de nous dire ce "
        "qui vous en empêche.",
        help_text="Trente jours après l’échéance.",
    )
    reminder_45 = models.TextField(
        "dernier rappel",
        blank=True,
        default="Malgré nos rappels, cette facture reste impayée. Merci de nous appeler pour "
        "trouver une solution ensemble.",
        help_text="Quarante-cinq jours après l’échéance.",
    )

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("seller_name"), FieldPanel("legal_form")]),
                FieldPanel("address"),
                FieldRowPanel([FieldPanel("postcode"), FieldPanel("city")]),
                FieldRowPanel([FieldPanel("siret"), FieldPanel("vat_number")]),
                FieldRowPanel([FieldPanel("iban"), FieldPanel("bic")]),
                FieldPanel("logo"),
            ],
            heading="Le vendeur",
        ),
        MultiFieldPanel(
            [
                FieldPanel("vat_mention"),
                FieldPanel("due_days"),
                FieldPanel("penalty_rate"),
                FieldPanel("indemnity"),
            ],
            heading="Ce que chaque facture porte",
        ),
        MultiFieldPanel(
            [FieldPanel("reminder_15"), FieldPanel("reminder_30"), FieldPanel("reminder_45")],
            heading="Rappels",
        ),
    ]

    class Meta:
        verbose_name = "facturation"
        default_permissions = ("change",)
        constraints = (
            models.CheckConstraint(
                condition=Q(due_days__lte=60),
                name="billing_due_days",
                violation_error_message="Le délai de paiement est de 60 jours au plus.",
            ),
        )

    @property
    def siren(self) -> str:
        """The nine digits that a SIRET begins with."""
        return str(self.siret)[:9]

    def missing(self) -> list[str]:
        """Return the names of the facts without which no invoice may leave."""
        wanted = {
            "nom": self.seller_name,
            "adresse": self.address,
            "code postal": self.postcode,
            "commune": self.city,
            "SIRET": self.siret,
            "IBAN": self.iban,
            "BIC": self.bic,
            "pénalités de retard": self.penalty_rate,
            "indemnité de recouvrement": self.indemnity,
        }
        return [name for name, value in wanted.items() if not value.strip()]
