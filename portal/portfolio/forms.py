"""What a référent types about structures."""

import uuid
from typing import Any

import phonenumbers
from django import forms

from portal.accounts.models import User
from portal.portfolio.models import MAX_MESSAGE, MAX_NOTE, MAX_SUBJECT
from portal.portfolio.services import referents
from portal.structures.departments import of_postcode
from portal.structures.models import Structure, validate_siret


class FactsForm(forms.ModelForm[Structure]):
    """What is known of a structure; what the public list shows of it."""

    use_required_attribute = False

    name = forms.CharField(
        label="Nom", max_length=200, error_messages={"required": "Indiquez le nom."}
    )
    siret = forms.CharField(label="SIRET", max_length=20, required=False)
    website = forms.URLField(
        label="Site internet", required=False, max_length=200, assume_scheme="https"
    )

    class Meta:
        model = Structure
        fields = (
            *("name", "kind", "siret", "rna", "public", "address", "postcode", "city"),
            *("latitude", "longitude", "phone", "email", "website", "opening_hours", "is_listed"),
        )

    def clean_siret(self) -> str:
        """Forget the spaces that people type, then check it."""
        siret = "".join(str(self.cleaned_data["siret"]).split())
        if siret:
            validate_siret(siret)
        return siret

    def clean_postcode(self) -> str:
        """Ask for five figures of a département that exists."""
        code = str(self.cleaned_data["postcode"]).strip()
        if code and not (len(code) == 5 and code.isdecimal() and of_postcode(code)):
            raise forms.ValidationError("Un code postal compte 5 chiffres, par exemple 33000.")
        return code

    def clean_phone(self) -> str:
        """Store an international number."""
        typed = str(self.cleaned_data["phone"]).strip()
        number = phone(typed)
        if typed and not number:
            raise forms.ValidationError(
                "Ce numéro n’est pas un numéro français complet, par exemple 05 56 00 00 00."
            )
        return number

    def clean(self) -> dict[str, Any]:
        """Take latitude and longitude together."""
        typed: dict[str, Any] = super().clean() or {}
        place = [typed.get(name) for name in ("latitude", "longitude")]
        if not self.errors and (place[0] is None) != (place[1] is None):
            self.add_error("latitude", "La latitude et la longitude vont ensemble.")
        if not self.errors and typed.get("is_listed") and not typed.get("city"):
            self.add_error("city", "Un point d’accueil public a une commune.")
        return typed


def phone(typed: str) -> str:
    """Return a French number in E.164, or nothing where it is none."""
    try:
        number = phonenumbers.parse(typed, "FR")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class NoteForm(forms.Form):
    """A note for one's colleagues."""

    text = forms.CharField(
        label="Nouvelle note",
        max_length=MAX_NOTE,
        widget=forms.Textarea({"rows": 3}),
        help_text="Lue par l’équipe d’Emmaüs Connect seulement. N’écrivez jamais le nom d’un "
        "bénéficiaire.",
        error_messages={
            "required": "Écrivez la note avant de l’enregistrer.",
            "max_length": "Une note compte 2\u00a0000 caractères au plus.",
        },
    )


class MemberForm(forms.Form):
    """Who is to be invited."""

    use_required_attribute = False

    email = forms.EmailField(
        label="Adresse e-mail",
        error_messages={
            "required": "Indiquez l’adresse e-mail de la personne.",
            "invalid": "Cette adresse n’est pas complète, par exemple prenom.nom@structure.fr.",
        },
    )
    first_name = forms.CharField(
        label="Prénom", max_length=150, error_messages={"required": "Indiquez son prénom."}
    )
    last_name = forms.CharField(
        label="Nom", max_length=150, error_messages={"required": "Indiquez son nom."}
    )


class ReferentField(forms.ModelChoiceField[User]):
    """A référent of Emmaüs Connect, by the public identifier."""

    def __init__(self, **options: Any) -> None:
        """Offer those who may follow structures now."""
        messages = {
            "required": "Choisissez un référent.",
            "invalid_choice": "Cette personne n’est pas un référent d’Emmaüs Connect.",
        }
        super().__init__(
            queryset=User.objects.none(),
            to_field_name="uuid",
            error_messages=messages,
            **options,
        )


class EntrustForm(forms.Form):
    """A whole portfolio, from one référent to another."""

    use_required_attribute = False

    source = ReferentField(label="Portefeuille de", empty_label="Choisissez…")
    to = ReferentField(label="Confié à", empty_label="Choisissez…")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer whoever follows structures, even one who left."""
        super().__init__(*args, **kwargs)
        holders = User.objects.filter(portfolio__isnull=False).distinct()
        self.fields["source"].queryset = holders  # type: ignore[attr-defined]
        self.fields["to"].queryset = referents()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse to entrust a portfolio to whoever holds it."""
        typed: dict[str, Any] = super().clean() or {}
        if not self.errors and typed["source"] == typed["to"]:
            self.add_error("to", "Choisissez deux personnes différentes.")
        return typed


class MessageForm(forms.Form):
    """A message to many structures."""

    use_required_attribute = False

    subject = forms.CharField(
        label="Objet",
        max_length=MAX_SUBJECT,
        error_messages={"required": "Indiquez l’objet du message."},
    )
    text = forms.CharField(
        label="Message",
        max_length=MAX_MESSAGE,
        widget=forms.Textarea({"rows": 12}),
        help_text="Texte simple. Une ligne vide sépare deux paragraphes. La salutation, le nom de "
        "la structure et la signature sont ajoutés.",
        error_messages={"required": "Écrivez le message."},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_subject(self) -> str:
        """Keep the subject on one line."""
        return " ".join(str(self.cleaned_data["subject"]).split())


class UploadForm(forms.Form):
    """A file of places."""

    use_required_attribute = False

    file = forms.FileField(
        label="Fichier CSV ou Excel (XLSX)",
        help_text="Colonnes\u00a0: nom, type, adresse, code_postal, commune, latitude, longitude; "
        "et si vous les avez siret, rna, telephone, email, site, horaires.".replace(
            "; ", "\u00a0; "
        ),
        widget=forms.ClearableFileInput({"accept": ".csv,.txt,.xlsx"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
        },
    )
