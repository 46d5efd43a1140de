"""Ending a campaign for the structures that filters keep: shown first, then done."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from portal.accounts.backoffice import StaffRequest
from portal.structures.departments import NAMES, postcodes_of
from portal.structures.models import Structure
from portal.ui.errors import DomainError
from shop.backoffice import page, permission_required
from shop.quotas import ending
from shop.quotas.models import Campaign

SHOWN = 200  # rows of a preview; the count tells the rest


class ChoiceForm(forms.Form):
    """Which of the campaign's structures."""

    q = forms.CharField(label="Nom de la structure", max_length=100, required=False)
    kind = forms.ChoiceField(
        label="Type", choices=[("", "Tous les types"), *Structure.Kind.choices], required=False
    )
    department = forms.ChoiceField(
        label="Département",
        choices=[("", "Tous"), *((code, f"{code} {name}") for code, name in NAMES.items())],
        required=False,
    )
    manager = forms.ModelChoiceField(
        queryset=get_user_model().objects.none(),
        to_field_name="uuid",
        label="Référent Emmaüs Connect",
        empty_label="Tous les référents",
        required=False,
    )

    def __init__(self, data: Any = None) -> None:
        """Offer those who follow structures."""
        super().__init__(data)
        managers = get_user_model().objects.filter(portfolio__isnull=False).distinct()
        self.fields["manager"].queryset = managers  # type: ignore[attr-defined]

    def chosen(self) -> QuerySet[Structure]:
        """Return the structures that the filters keep; none where a filter is wrong."""
        found = Structure.objects.all()
        if not self.is_valid():
            return found.none()
        typed = self.cleaned_data
        if typed["q"]:
            found = found.filter(name__icontains=typed["q"])
        if typed["kind"]:
            found = found.filter(kind=typed["kind"])
        if typed["manager"]:
            found = found.filter(account_manager=typed["manager"])
        if typed["department"]:
            starts = "|".join(postcodes_of(typed["department"]))
            found = found.filter(postcode__regex=f"^({starts})")
        return found


@permission_required("quotas.change_campaign")
@require_http_methods(["GET", "POST"])
def end_for(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show whose units would end; a POST ends them."""
    campaign = get_object_or_404(Campaign, uuid=uuid)
    form = ChoiceForm(request.GET)
    structures = form.chosen()
    status = 200
    if request.method == "POST":
        try:
            ended = ending.end_for(
                by=request.user,
                campaign=campaign,
                structures=structures,
                seen=request.POST.get("seen", ""),
            )
        except DomainError as error:
            messages.error(request, error.message)
            status = 422
        else:
            count = len({quota.structure_id for quota in ended})
            plural = "s" if count > 1 else ""
            messages.success(request, f"La campagne est terminée pour {count} structure{plural}.")
            return redirect("campagnes:detail", uuid)
    quotas = ending.still_open(campaign, structures)
    shown = quotas.select_related("structure", "product").order_by("structure__name", "pk")
    count = quotas.values("structure").distinct().count()
    context = {
        "campaign": campaign,
        "form": form,
        "quotas": shown[:SHOWN],
        "count": count,
        "hidden": max(0, quotas.count() - SHOWN),
        "seen": ending.digest(quotas),
    }
    parents = [
        (reverse("campagnes:index"), "Campagnes"),
        (reverse("campagnes:detail", args=[uuid]), campaign.name),
    ]
    return page(
        request,
        "shop/admin/campaign_end_for.html",
        title="Terminer pour certaines structures",
        icon="calendar-alt",
        parents=parents,
        context=context,
        status=status,
    )
