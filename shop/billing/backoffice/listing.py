"""Every invoice and credit note, whatever the structure and the month."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse

from portal.accounts.backoffice import StaffRequest
from portal.structures.models import Structure
from shop.billing.backoffice.base import LIST_TITLE, BillingPage
from shop.billing.models import Invoice
from shop.handovers import months

PER_PAGE = 50


class InvoiceFilters(forms.Form):
    """Which invoices are listed."""

    q = forms.CharField(label="Structure ou numéro", required=False, max_length=100)
    nature = forms.ChoiceField(
        label="Nature",
        required=False,
        choices=(("", "Toutes"), ("factures", "Factures"), ("avoirs", "Avoirs")),
    )
    etat = forms.ChoiceField(
        label="État",
        required=False,
        choices=(("", "Tous"), ("brouillons", "Brouillons"), ("emises", "Émises")),
    )
    mois = forms.CharField(
        label="Mois",
        required=False,
        widget=forms.TextInput(attrs={"type": "month"}),
    )
    structure = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean_mois(self) -> object:
        """Return the month's first day; none where it is none."""
        text = self.cleaned_data["mois"].strip()
        try:
            return months.parse(text) if text else None
        except months.UnknownMonth as error:
            raise forms.ValidationError(
                "Ce mois n’existe pas. Il s’écrit avec l’année d’abord, par exemple 2026-10."
            ) from error

    def keep(self, found: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """Keep what is asked for; what is not understood is left out of the question."""
        self.is_valid()
        asked = self.cleaned_data
        if words := asked.get("q", "").strip():
            found = found.filter(Q(structure__name__icontains=words) | Q(number=words))
        conditions = {
            "factures": Q(kind=Invoice.Kind.INVOICE),
            "avoirs": Q(kind=Invoice.Kind.CREDIT_NOTE),
            "brouillons": Q(state=Invoice.State.DRAFT),
            "emises": Q(state=Invoice.State.ISSUED),
        }
        for name in ("nature", "etat"):
            found = found.filter(conditions.get(asked.get(name, ""), Q()))
        if month := asked.get("mois"):
            found = found.filter(month=month)
        if structure := asked.get("structure"):
            found = found.filter(structure__uuid=structure)
        return found


class InvoicesView(BillingPage):
    """Every invoice and credit note, drafts first, then the newest number first."""

    template_name = "billing/backoffice/invoices.html"
    page_title = LIST_TITLE

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show a page of them."""
        filters = InvoiceFilters(request.GET)
        found = filters.keep(Invoice.objects.select_related("structure"))
        pages = Paginator(found.order_by("-year", "-rank", "-pk"), PER_PAGE)
        only = filters.cleaned_data.get("structure")
        return self.show(
            filters=filters,
            page=pages.get_page(request.GET.get("page")),
            query=self.filtering,
            only=Structure.objects.filter(uuid=only).first() if only else None,
        )
