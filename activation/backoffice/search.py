"""The three ways to find the requests of a person: each a form of its own."""

import datetime as dt
import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from activation.models import ActivationRequestQuerySet
from activation.privacy import person
from activation.rules import birth
from portal.accounts.models import User
from portal.telecom import iccid


class SearchForm(forms.Form):
    """Base: the way is sent with the form."""

    way = ""
    title = ""

    def search(self, *, by: User) -> ActivationRequestQuerySet:
        """Return what is found."""
        raise NotImplementedError


def _text(label: str, required: str, help_text: str = "", size: int = 100) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=size,
        error_messages={"required": required},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class PersonForm(SearchForm):
    """By name and date of birth."""

    way = "personne"
    title = "Par son nom et sa date de naissance"
    last_name = _text("Nom", "Indiquez le nom.")
    first_name = _text("Prénom", "Indiquez le prénom.")
    birth_date = forms.DateField(
        label="Date de naissance",
        help_text="Par exemple 04/12/1985. Les accents et les majuscules ne comptent pas, mais une "
        "faute de frappe dans la demande empêche de la trouver ainsi.",
        input_formats=["%d/%m/%Y", "%d-%m-%Y", "%d %m %Y", "%Y-%m-%d"],
        error_messages={
            "required": "Indiquez la date de naissance.",
            "invalid": "Cette date n’existe pas. Écrivez-la comme 04/12/1985.",
        },
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_birth_date(self) -> dt.date:
        return birth.check_date(self.cleaned_data["birth_date"], timezone.localdate())

    def search(self, *, by: User) -> ActivationRequestQuerySet:
        """Return the requests of the person."""
        typed = self.cleaned_data
        return person.of_person(
            typed["last_name"], typed["first_name"], typed["birth_date"].isoformat(), by=by
        )


class CardForm(SearchForm):
    """By the card's number."""

    way = "carte"
    title = "Par le numéro de sa carte SIM"
    iccid = _text("Numéro de série (ICCID)", "Indiquez les 20 chiffres de la carte.", size=40)

    def clean_iccid(self) -> str:
        typed: str = self.cleaned_data["iccid"]
        try:
            return iccid.check(typed)
        except ValidationError as error:
            # A partner may have insisted on a number whose check digit is wrong.
            if error.code != "check_digit":
                raise
            return iccid.clean(typed)

    def search(self, *, by: User) -> ActivationRequestQuerySet:
        """Return the requests for the card."""
        return person.of_card(self.cleaned_data["iccid"], by=by)


class ReferenceForm(SearchForm):
    """By what people call the request."""

    way = "reference"
    title = "Par la référence d’une demande"
    reference = _text("Référence", "Indiquez la référence.", "Par exemple 3F2A-90BC.", size=20)

    def clean_reference(self) -> str:
        text = re.sub(r"[\s\-\u2010-\u2014]", "", self.cleaned_data["reference"]).lower()
        if not re.fullmatch(rf"[0-9a-f]{{{person.REFERENCE}}}", text):
            raise ValidationError(
                "Une référence compte huit caractères, des chiffres et des lettres de A à F, "
                "comme 3F2A-90BC.",
                code="shape",
            )
        return text

    def search(self, *, by: User) -> ActivationRequestQuerySet:
        """Return the request."""
        return person.of_reference(self.cleaned_data["reference"], by=by)


FORMS: dict[str, type[SearchForm]] = {
    form.way: form for form in (PersonForm, CardForm, ReferenceForm)
}
