"""The steps of the candidature's form. What was typed and refused stays on the page."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_email
from django.forms.boundfield import BoundField

from portal.candidatures.antispam import HumanForm
from portal.candidatures.models import Candidature
from portal.candidatures.services import Person, check_alone
from portal.structures.models import Agreement, Structure, validate_rna, validate_siret
from portal.structures.offer import OfferedProduct
from portal.ui.errors import DomainError

_SPACES = re.compile(r"[\s.\-\u00a0\u202f]+")
EMAIL_ERRORS = {
    "required": "Indiquez une adresse e-mail.",
    "invalid": "Cette adresse n’est pas complète. Exemple\u00a0: prenom.nom@structure.fr",
}
#: Colleagues that a candidature may announce; the others are invited once the account is open.
MOST_PEOPLE = 20
#: Units a month that nobody asks for by mistake of a zero or two.
MOST_PER_MONTH = 10_000


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


class TeamForm(forms.Form):
    """The colleagues: rows of three fields, each filled whole or left empty."""

    use_required_attribute = False
    PARTS = (("first_name", "Prénom"), ("last_name", "Nom"), ("email", "Adresse e-mail"))

    def __init__(self, *args: Any, candidature: Candidature, more: int = 0, **kwargs: Any) -> None:
        """Draw the rows that are kept and two or three empty ones.

        Args:
            args: as a form's.
            candidature: whose colleagues.
            more: rows that the page had, when it comes back.
            kwargs: as a form's.
        """
        super().__init__(*args, **kwargs)
        known = list(candidature.members.all())
        self.rows = min(max(len(known) + 2, 3, more), MOST_PEOPLE)
        self.lead_email = candidature.lead_email
        for row in range(self.rows):
            for part, label in self.PARTS:
                value = getattr(known[row], part) if row < len(known) else ""
                self.fields[f"{part}_{row}"] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=254 if part == "email" else 150,
                    initial=value,
                    widget=forms.TextInput(
                        {"autocomplete": "off"} | ({"type": "email"} if part == "email" else {})
                    ),
                )

    def groups(self) -> Iterator[tuple[int, list[BoundField]]]:
        """Yield each row, numbered from 1, with its fields."""
        for row in range(self.rows):
            yield row + 1, [self[f"{part}_{row}"] for part, _ in self.PARTS]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        seen = {self.lead_email}
        for row in range(self.rows):
            typed = {part: cleaned.get(f"{part}_{row}", "") for part, _ in self.PARTS}
            if any(typed.values()):
                self._check(row, typed, seen)
        return cleaned

    def _check(self, row: int, typed: dict[str, str], seen: set[str]) -> None:
        missing = {
            "first_name": "Indiquez son prénom.",
            "last_name": "Indiquez son nom.",
            "email": "Indiquez son adresse e-mail.",
        }
        for part, sentence in missing.items():
            if not typed[part]:
                self.add_error(f"{part}_{row}", sentence)
        email = typed["email"].lower()
        if not email:
            return
        try:
            validate_email(email)
        except ValidationError:
            self.add_error(f"email_{row}", EMAIL_ERRORS["invalid"])
        if email in seen:
            self.add_error(f"email_{row}", "Cette adresse est déjà dans la liste.")
        seen.add(email)

    def people(self) -> list[Person]:
        """Return the colleagues of a valid form."""
        rows = (
            Person(*(self.cleaned_data[f"{part}_{row}"] for part, _ in self.PARTS))
            for row in range(self.rows)
        )
        return [person for person in rows if person.email]


class NeedsForm(forms.Form):
    """How many of each product a month, and the equipment wished."""

    use_required_attribute = False

    equipment = forms.CharField(
        label="Équipement souhaité",
        help_text="Ordinateurs, téléphones, tablettes\u00a0: combien, pour qui\u00a0? C’est noté "
        "pour un autre avenant, si nous pouvons en donner.",
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(
        self,
        *args: Any,
        candidature: Candidature,
        products: Sequence[OfferedProduct],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        known = {need.upc: need.per_month for need in candidature.needs.all()}
        self.products = {f"need_{product.upc}": product for product in products}
        self.fields["equipment"].initial = candidature.equipment
        for name, product in self.products.items():
            self.fields[name] = forms.IntegerField(
                label=product.title,
                required=False,
                initial=known.get(product.upc, 0),
                min_value=0,
                max_value=MOST_PER_MONTH,
                widget=forms.TextInput({"inputmode": "numeric", "class": "input--short"}),
                error_messages={
                    "invalid": f"{product.title}\u00a0: écrivez un nombre entier, 0 pour aucune.",
                    "min_value": f"{product.title}\u00a0: écrivez 0 ou plus.",
                    "max_value": f"{product.title}\u00a0: {MOST_PER_MONTH} par mois au plus.",
                },
            )
        self.order_fields([*self.products, "equipment"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in self.products):
            first = next(iter(self.products), None)
            self.add_error(
                first, "Indiquez au moins un besoin\u00a0: il sert à préparer l’avenant."
            )
        return cleaned

    def quantities(self) -> Iterator[tuple[OfferedProduct, BoundField]]:
        """Yield the products on offer, each with its field."""
        for name, product in self.products.items():
            yield product, self[name]

    def asked(self) -> dict[OfferedProduct, int]:
        """Return units a month by product, of a valid form."""
        return {product: self.cleaned_data[name] or 0 for name, product in self.products.items()}


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
