"""What an invoice says of its buyer and the structure's own row does not."""

from django.db import models

from portal.structures.models import Structure

#: What a structure of this kind is as long as nobody said otherwise.
PUBLIC_KINDS = (
    Structure.Kind.CCAS,
    Structure.Kind.COLLECTIVITE,
    Structure.Kind.SERVICE_PUBLIC,
)


class BuyerTerms(models.Model):
    """How a structure is billed: a public body is, through Chorus Pro, with its own references."""

    structure = models.OneToOneField(
        Structure,
        verbose_name="structure",
        on_delete=models.PROTECT,
        related_name="buyer_terms",
        primary_key=True,
    )
    is_public = models.BooleanField(
        "organisme public", help_text="Ses factures se déposent sur Chorus Pro."
    )
    service_code = models.CharField(
        "code service",
        max_length=100,
        blank=True,
        help_text="Le service destinataire, dans l’annuaire de Chorus Pro.",
    )
    engagement = models.CharField(
        "numéro d’engagement",
        max_length=50,
        blank=True,
        help_text="Ou numéro de bon de commande\u00a0: certains organismes l’exigent.",
    )

    class Meta:
        verbose_name = "conditions de facturation"
        verbose_name_plural = "conditions de facturation"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Facturation de {self.structure}"

    @classmethod
    def of(cls, structure: Structure) -> "BuyerTerms":
        """Return a structure's terms: those written down, or what its kind says (unsaved)."""
        known = cls.objects.filter(structure=structure).first()
        return known or cls(structure=structure, is_public=structure.kind in PUBLIC_KINDS)
