"""ADRESSES: where the structure has its SIM cards sent."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.structures.access import member_of, member_required
from portal.ui.text import format_phone
from shop.sims import addresses
from shop.sims.models import DeliveryAddress

SHORT, MEDIUM = {"class": "input--short"}, {"class": "input--medium"}


class AddressForm(forms.ModelForm[DeliveryAddress]):
    """An address as it stands on a parcel."""

    use_required_attribute = False  # The errors are ours, in the summary.

    class Meta:
        model = DeliveryAddress
        fields = (
            *("label", "recipient", "street", "complement", "postcode", "city"),
            *("phone", "instructions"),
        )
        widgets = {
            "label": forms.TextInput(MEDIUM),
            "street": forms.TextInput({"autocomplete": "address-line1"}),
            "complement": forms.TextInput({"autocomplete": "address-line2"}),
            "postcode": forms.TextInput(
                {**SHORT, "inputmode": "numeric", "autocomplete": "postal-code"}
            ),
            "city": forms.TextInput({**MEDIUM, "autocomplete": "address-level2"}),
            "phone": forms.TextInput({**MEDIUM, "type": "tel", "autocomplete": "tel"}),
        }
        error_messages = {
            "label": {"required": "Donnez un nom à cette adresse, par exemple le lieu."},
            "recipient": {"required": "Indiquez qui reçoit le colis."},
            "street": {"required": "Indiquez le numéro et la rue."},
            "postcode": {
                "required": "Indiquez le code postal, 5 chiffres.",
                "max_length": "Le code postal compte 5 chiffres, par exemple 33000.",
            },
            "city": {"required": "Indiquez la commune."},
        }

    def clean_phone(self) -> str:
        text: str = self.cleaned_data["phone"]
        if not text:
            return ""
        try:
            return addresses.check_phone(text)
        except addresses.BadPhone as error:
            raise forms.ValidationError(error.message) from error


def _address(request: HttpRequest, uuid: UUID) -> DeliveryAddress:
    found = addresses.find(member_of(request), uuid)
    if found is None:
        raise Http404
    return found


@require_safe
@never_cache
@member_required
def index(request: HttpRequest) -> HttpResponse:
    """List the structure's addresses, the default first."""
    return render(
        request,
        "shop/sims/addresses.html",
        {"where": addresses.destination(member_of(request).structure), "kept": _kept(request)},
    )


def _kept(request: HttpRequest) -> list[DeliveryAddress]:
    return list(member_of(request).structure.delivery_addresses.all())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def add(request: HttpRequest) -> HttpResponse:
    """Add an address."""
    return _edit(request, DeliveryAddress(), "Nouvelle adresse", "L’adresse est ajoutée.")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change an address; parcels on their way keep theirs."""
    return _edit(request, _address(request, uuid), "Modifier l’adresse", "L’adresse est modifiée.")


def _edit(request: HttpRequest, address: DeliveryAddress, title: str, done: str) -> HttpResponse:
    initial: dict[str, Any] = {"phone": format_phone(address.phone)}
    typed = request.POST if request.method == "POST" else None
    form = AddressForm(typed, instance=address, initial=initial)
    if request.method == "POST" and form.is_valid():
        addresses.save(by=member_of(request), address=address, values=form.cleaned_data)
        messages.success(request, done)
        return redirect("sims:addresses")
    return render(
        request,
        "shop/sims/address_form.html",
        {"form": form, "title": title},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@never_cache
@member_required
def make_default(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the next cards there; a GET (someone types the address) goes to the list."""
    address = _address(request, uuid)
    if request.method == "POST":
        addresses.make_default(by=member_of(request), address=address)
        messages.success(request, "Vos prochaines cartes iront à cette adresse.")
    return redirect("sims:addresses")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask, then remove an address."""
    address = _address(request, uuid)
    if request.method == "POST":
        addresses.remove(by=member_of(request), address=address)
        messages.success(request, "L’adresse est retirée.")
        return redirect("sims:addresses")
    return render(request, "shop/sims/address_remove.html", {"address": address})
