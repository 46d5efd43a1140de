"""How a structure is billed, changed from its page in the back office."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from wagtail.admin import messages

from portal.accounts.backoffice import Parent, StaffRequest
from portal.structures.models import Structure
from portal.ui.errors import DomainError
from shop.billing.backoffice.base import BillingPage
from shop.billing.models import BuyerTerms
from shop.billing.terms import set_terms


class TermsForm(forms.ModelForm[BuyerTerms]):
    """A public body, and its references on Chorus Pro."""

    class Meta:
        model = BuyerTerms
        fields = ("is_public", "service_code", "engagement")


class TermsView(BillingPage):
    """Change how the next invoices of a structure are addressed."""

    template_name = "billing/backoffice/terms.html"
    page_title = "Conditions de facturation"
    structure: Structure

    def get_parents(self) -> list[Parent]:
        here = ("portefeuille:detail", [self.structure.uuid], self.structure.name)
        return [("portefeuille:index", [], "Structures"), here]

    def get(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Show the form."""
        self.structure = get_object_or_404(Structure, uuid=uuid)
        return self.show(form=TermsForm(instance=BuyerTerms.of(self.structure)))

    def post(self, request: StaffRequest, uuid: UUID) -> HttpResponse:
        """Save it, or show what is wrong beside what was typed."""
        self.structure = get_object_or_404(Structure, uuid=uuid)
        form = TermsForm(request.POST, instance=BuyerTerms.of(self.structure))
        if form.is_valid():
            try:
                set_terms(by=request.user, structure=self.structure, **form.cleaned_data)
            except DomainError as error:
                form.add_error("is_public", error.message)
        if not form.is_valid():
            return self.show(form=form, status=422)
        messages.success(request, "Les conditions de facturation sont enregistrées.")
        return redirect("portefeuille:detail", uuid)
