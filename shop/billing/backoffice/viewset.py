"""Invoices and credit notes, as the back office mounts them."""

from django.urls import URLPattern, path

from shop.billing.backoffice import credit, invoices, listing, terms
from shop.billing.backoffice.base import LIST_TITLE, BillingViewSet


class InvoiceViewSet(BillingViewSet):
    """Invoices and credit notes, below ``/gestion/facturation/factures/``."""

    name = "billing_invoices"
    url_prefix = "facturation/factures"
    icon = "doc-full"
    menu_label = LIST_TITLE

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses."""
        view = self.construct_view
        return [
            path("", view(listing.InvoicesView), name="index"),
            path("<uuid:uuid>/", view(invoices.DetailView), name="detail"),
            path("<uuid:uuid>/relire/", view(invoices.RefreshView), name="refresh"),
            path("<uuid:uuid>/emettre/", view(invoices.IssueView), name="issue"),
            path("<uuid:uuid>/pdf/", view(invoices.PdfView), name="pdf"),
            path("<uuid:uuid>/avoir/", view(credit.CreditView), name="credit"),
            path("<uuid:uuid>/abandonner/", view(invoices.DropView), name="drop"),
            path("structures/<uuid:uuid>/", view(terms.TermsView), name="terms"),
        ]
