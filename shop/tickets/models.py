"""What a structure chose for its tickets."""

from django.db import models

from portal.structures.models import Structure


class TicketSettings(models.Model):
    """One row for a structure that chose something; none means the defaults."""

    structure = models.OneToOneField(
        Structure,
        verbose_name="structure",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="ticket_settings",
    )
    code_in_qr = models.BooleanField("numéro de recharge dans le QR code", default=False)

    class Meta:
        verbose_name = "réglage des tickets"
        verbose_name_plural = "réglages des tickets"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Tickets de {self.structure}"
