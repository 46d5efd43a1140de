"""Forms of the account pages: allauth's and Django's, in our words, without placeholders."""

from typing import Any, ClassVar

import phonenumbers
from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.contrib.auth.forms import SetPasswordForm as DjangoSetPasswordForm
from django.http import HttpRequest

from portal.accounts import services
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.ui.text import format_phone, group_digits

AGAIN = "Le même, une seconde fois"
LENGTH_HELP = (
    "15 caractères au moins. Le plus simple\u00a0: quatre ou cinq mots sans rapport entre eux. "
    "Évitez les suites (123456, azerty), votre nom et celui du site."
)
#: Field name: label, help, what is said when it is empty.
WORDS = {
    "login": ("Adresse e-mail", "", "Indiquez votre adresse e-mail."),
    "email": ("Adresse e-mail", "", "Indiquez votre adresse e-mail."),
    "password": ("Mot de passe", "", "Indiquez votre mot de passe."),
    "oldpassword": ("Mot de passe actuel", "", "Indiquez votre mot de passe actuel."),
    "password1": ("Nouveau mot de passe", LENGTH_HELP, "Choisissez un mot de passe."),
    "password2": (AGAIN, "", "Écrivez le mot de passe une seconde fois."),
    "new_password1": ("Mot de passe", LENGTH_HELP, "Choisissez un mot de passe."),
    "new_password2": (AGAIN, "", "Écrivez le mot de passe une seconde fois."),
    "code": (
        "Code à 6 chiffres",
        "Ouvrez votre application de codes. Un code de secours à 8 chiffres marche aussi.",
        "Indiquez le code.",
    ),
    "name": ("Nom de la clé", "Pour la reconnaître\u00a0: «\u00a0Mon téléphone\u00a0».", ""),
    "passwordless": (
        "Me connecter avec cette clé, sans mot de passe",
        "La clé demandera votre empreinte, votre visage ou un code.",
        "",
    ),
}


class PlainWords:
    """Give each field its French label, help and error; take placeholders away."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Build the form, then change its words."""
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in WORDS:
                field.label, field.help_text, required = WORDS[name]
                field.error_messages["required"] = required or field.error_messages["required"]
        if "code" in self.fields:
            attrs = {"inputmode": "numeric", "class": "input--medium", "autocapitalize": "off"}
            self.fields["code"].widget.attrs.update(attrs)


class SamePassword:
    """Say in French that the two passwords differ."""

    def clean(self) -> dict[str, Any]:
        """Compare the two passwords."""
        data: dict[str, Any] = forms.Form.clean(self) or {}  # type: ignore[arg-type]
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error(  # type: ignore[attr-defined]
                "password2", "Les deux mots de passe ne sont pas les mêmes."
            )
        return data


class LoginForm(PlainWords, account_forms.LoginForm):
    """Address and password."""

    field_order = ("login", "password")


class ReauthenticateForm(PlainWords, account_forms.ReauthenticateForm):
    """The password once more."""


class ChangePasswordForm(PlainWords, SamePassword, account_forms.ChangePasswordForm):
    """A new password, from the old one."""


class ResetPasswordKeyForm(PlainWords, SamePassword, account_forms.ResetPasswordKeyForm):
    """A new password, from a link."""


class ResetPasswordForm(PlainWords, account_forms.ResetPasswordForm):
    """The address that gets the link."""

    def clean_email(self) -> str:
        """Return the address; whether it is known is nobody's business."""
        email: str = self.cleaned_data["email"]
        return email.lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Ask for the link."""
        email: str = self.cleaned_data["email"]
        services.request_password_reset(email=email)
        return email


class InvitationPasswordForm(PlainWords, DjangoSetPasswordForm):  # type: ignore[type-arg]
    """A first password."""

    error_messages = {"password_mismatch": "Les deux mots de passe ne sont pas les mêmes."}


class AuthenticateForm(PlainWords, mfa_forms.AuthenticateForm):
    """A code, to finish logging in."""


class ReauthenticateCodeForm(PlainWords, mfa_forms.ReauthenticateForm):
    """A code, to confirm one's identity."""


class ActivateTOTPForm(PlainWords, totp_forms.ActivateTOTPForm):
    """The first code of a new application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave recovery codes out: there are none yet."""
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "Le code que l’application affiche maintenant."

    @property
    def secret_in_groups(self) -> str:
        """Return the key as one copies it by hand; applications leave the spaces out."""
        return " ".join(group_digits(self.secret, 4))


class AddWebAuthnForm(PlainWords, webauthn_forms.AddWebAuthnForm):
    """A new passkey."""


class EditWebAuthnForm(PlainWords, webauthn_forms.EditWebAuthnForm):
    """Another name for a passkey."""


class PhoneField(forms.CharField):
    """A telephone number of any country, kept as E.164 and shown the French way."""

    def prepare_value(self, value: Any) -> Any:
        """Show ``+33612345678`` as ``06 12 34 56 78``."""
        return format_phone(value) if value else value

    def clean(self, value: Any) -> str:
        """Return the number as E.164, or an empty text.

        Raises:
            ValidationError: it is no telephone number.
        """
        text: str = super().clean(value)
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, "FR")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise forms.ValidationError(
                "Ce numéro n’existe pas\u00a0: vérifiez-le, par exemple 06 12 34 56 78."
            )
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class DetailsForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person's own details; an administrator changes the address."""

    first_name = forms.CharField(
        label="Prénom",
        max_length=150,
        error_messages={"required": "Indiquez votre prénom."},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Nom",
        max_length=150,
        error_messages={"required": "Indiquez votre nom."},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    phone = PhoneField(
        label="Téléphone",
        required=False,
        help_text="Pour que l’équipe d’Emmaüs Connect puisse vous joindre.",
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "class": "input--medium"}
        ),
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "phone")


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person, as administrators see them in the back office."""

    phone = PhoneField(label="Téléphone", required=False)
    roles = forms.MultipleChoiceField(
        label="Rôles",
        choices=[(role.value, role.value) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Un rôle autre que Partenaire fait de la personne un membre de l’équipe.",
    )

    class Meta:
        model = User
        fields: ClassVar[tuple[str, ...]] = ("email", "first_name", "last_name", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Require a name, and show the roles held."""
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = self.fields["last_name"].required = True
        if self.instance.pk:
            self.initial["roles"] = sorted(services.roles_of(self.instance))

    def clean_roles(self) -> frozenset[Role]:
        """Return the roles ticked."""
        return frozenset(Role(value) for value in self.cleaned_data["roles"])


class PersonEditForm(PersonForm):
    """A person who is there already. One's own address, roles and state are another's to change."""

    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        """Leave out what nobody changes for themselves."""
        super().__init__(*args, **kwargs)
        if editing_self:
            for name in ("email", "roles", "is_active"):
                del self.fields[name]

    class Meta(PersonForm.Meta):
        fields: ClassVar[tuple[str, ...]] = (*PersonForm.Meta.fields, "is_active")
