"""The file of an invoice."""

from django.db import models

from shop.billing.models.invoices import Invoice


class InvoiceDocument(models.Model):
    """The file of an issued invoice, as it was drawn once, and the data that it holds."""

    invoice = models.OneToOneField(
        Invoice,
        verbose_name="facture",
        on_delete=models.PROTECT,
        related_name="document",
        primary_key=True,
    )
    pdf = models.BinaryField("PDF")
    xml = models.BinaryField("Factur-X")
    sha256 = models.CharField("empreinte du PDF", max_length=64)
    made_at = models.DateTimeField("dessinée le", auto_now_add=True)

    class Meta:
        verbose_name = "document"
        verbose_name_plural = "documents"
        default_permissions = ()

    def __str__(self) -> str:
        return f"Document de {self.invoice_id}"
