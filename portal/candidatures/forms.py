"""The steps of the candidature's form. What was typed and refused stays on the page.

Those that are made of rows are in `portal.candidatures.rows`.
"""

import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from portal.candidatures.antispam import HumanForm
from portal.candidatures.models import Candidature
from portal.candidatures.services import check_alone
from portal.structures.models import Agreement, Structure, validate_rna, validate_siret
from portal.ui.errors import DomainError

_SPACES = re.compile(r"[\s.\-\u00a0\u202f]+")
EMAIL_ERRORS = {
    "required": "Indiquez une adresse e-mail.",
    "invalid": "Cette adresse n’est pas complète. Exemple\u00a0: prenom.nom@structure.fr",
}


class EmailForm(HumanForm):
    """Who fills the candidature in: the link goes there. Also asks for that link again."""

    email = forms.EmailField(
        label="Votre adresse e-mail professionnelle",
        help_text="Nous y envoyons un lien pour revenir à votre candidature quand vous voulez.",
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages=EMAIL_ERRORS,
    )


class StepForm(forms.Form):
    """A step whose fields are the candidature's own."""

    use_required_attribute = False  # The errors are ours, in the summary.

    def __init__(self, *args: Any, candidature: Candidature, **kwargs: Any) -> None:
        self.candidature = candidature
        kwargs.setdefault(
            "initial", {name: getattr(candidature, name) for name in self.base_fields}
        )
        super().__init__(*args, **kwargs)


class EitherField(forms.CharField):
    """One of two that are asked for: not « facultatif », and the form says when both lack."""

    def validate(self, value: Any) -> None:
        """Accept nothing: `StructureForm.clean` decides."""


class StructureForm(StepForm):
    """Who the structure is."""

    name = forms.CharField(
        label="Nom de la structure",
        max_length=200,
        widget=forms.TextInput({"autocomplete": "organization"}),
        error_messages={"required": "Indiquez le nom de votre structure."},
    )
    kind = forms.ChoiceField(
        label="Type de structure",
        choices=[("", "Choisissez"), *Structure.Kind.choices],
        error_messages={"required": "Choisissez le type de votre structure."},
    )
    siret = EitherField(
        label="SIRET",
        help_text="14 chiffres, espaces acceptés. Il figure sur vos courriers officiels.",
        max_length=40,
        widget=forms.TextInput({"inputmode": "numeric", "class": "input--medium"}),
    )
    rna = EitherField(
        label="Numéro RNA, pour une association sans SIRET",
        help_text="W suivi de 9 chiffres, sur le récépissé de la préfecture.",
        max_length=40,
        widget=forms.TextInput({"class": "input--medium"}),
    )
    public = forms.CharField(
        label="Public accueilli",
        help_text="Par exemple\u00a0: jeunes de 16 à 25 ans, personnes sans domicile, familles.",
        max_length=200,
        error_messages={"required": "Dites quel public votre structure accueille."},
    )

    def clean_siret(self) -> str:
        siret = _SPACES.sub("", self.cleaned_data["siret"])
        if siret:
            validate_siret(siret)
        return siret

    def clean_rna(self) -> str:
        rna = _SPACES.sub("", self.cleaned_data["rna"]).upper()
        if rna:
            validate_rna(rna)
        return rna

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if {"siret", "rna"} <= cleaned.keys():
            if not cleaned["siret"] and not cleaned["rna"]:
                self.add_error(
                    "siret", "Indiquez le SIRET ou, pour une association, le numéro RNA ci-dessous."
                )
            else:
                self._check_alone(cleaned["siret"], cleaned["rna"])
        return cleaned

    def _check_alone(self, siret: str, rna: str) -> None:
        """Say at once what would be said when the candidature is sent."""
        try:
            check_alone(Candidature(pk=self.candidature.pk, siret=siret, rna=rna))
        except DomainError as error:
            self.add_error("siret" if siret else "rna", error.message)


class PlaceForm(StepForm):
    """Where it is, and how it wants its SIM cards."""

    address = forms.CharField(
        label="Numéro et rue",
        max_length=200,
        widget=forms.TextInput({"autocomplete": "street-address"}),
        error_messages={"required": "Indiquez le numéro et la rue."},
    )
    postcode = forms.CharField(
        label="Code postal",
        max_length=5,
        validators=[
            RegexValidator(
                r"^[0-9]{5}$", "Le code postal compte 5 chiffres, par exemple 33000.", "postcode"
            )
        ],
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "postal-code", "class": "input--short"}
        ),
        error_messages={
            "required": "Indiquez le code postal.",
            "max_length": "Le code postal compte 5 chiffres, par exemple 33000.",
        },
    )
    city = forms.CharField(
        label="Commune",
        max_length=100,
        widget=forms.TextInput({"autocomplete": "address-level2"}),
        error_messages={"required": "Indiquez la commune."},
    )
    delivery_mode = forms.ChoiceField(
        label="Comment souhaitez-vous recevoir les cartes SIM\u00a0?",
        choices=(
            (Agreement.Delivery.SHIPPING, "Par envoi, à l’adresse de la structure"),
            (Agreement.Delivery.PICKUP, "Par retrait, dans un point Emmaüs Connect"),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez l’envoi ou le retrait."},
    )


class LeadForm(StepForm):
    """Who will answer for the structure: the convention names them."""

    lead_first_name = forms.CharField(
        label="Prénom",
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Indiquez son prénom."},
    )
    lead_last_name = forms.CharField(
        label="Nom",
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Indiquez son nom."},
    )
    lead_email = forms.EmailField(
        label="Adresse e-mail professionnelle",
        help_text="Cette personne y recevra le lien de son compte.",
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages=EMAIL_ERRORS,
    )
    lead_phone = forms.CharField(
        label="Téléphone",
        help_text="Fixe ou portable, par exemple 05\u00a056\u00a012\u00a034\u00a056.",
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off", "class": "input--medium"}),
        error_messages={"required": "Indiquez un numéro où joindre cette personne."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["lead_email"] = self.candidature.lead_email or self.candidature.email

    def clean_lead_email(self) -> str:
        return str(self.cleaned_data["lead_email"]).lower()

    def clean_lead_phone(self) -> str:
        return check_phone(self.cleaned_data["lead_phone"])


def check_phone(text: str) -> str:
    """Return the E.164 form of a French number, fixed or mobile, of métropole or overseas.

    Raises:
        ValidationError: unreadable, or no such number.
    """
    for region in ("FR", "RE", "GP", "MQ", "GF", "YT", "NC", "PF", "PM", "WF"):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise ValidationError(
        "Ce numéro n’existe pas\u00a0: vérifiez ses 10 chiffres, par exemple "
        "05\u00a056\u00a012\u00a034\u00a056.",
        code="phone",
    )
