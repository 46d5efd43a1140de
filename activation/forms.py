"""The partner's form, in the deck's order. Its checks are those of `activation.rules`."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_variables

from activation.applications import Application
from activation.languages import Language
from activation.models import ActivationRequest
from activation.rules import birth, names, phone, rio
from activation.rules.departments import DEPARTMENTS
from portal.telecom import iccid
from portal.telecom.numbers import Purpose, dialled, numbers_by_purpose
from portal.ui.forms import DateField
from portal.ui.text import format_phone

YES, NO = "oui", "non"
#: The fields that are checked as one leaves them.
CHECKED = (
    *("iccid", "last_name", "first_name", "birth_date", "birth_department", "birth_country"),
    *("current_number", "rio", "contact_phone"),
)
_RIO_HELP = (
    '12 caractères. Appelez le <a href="tel:{}">{}</a>, gratuit, depuis le portable actuel du '
    "bénéficiaire\u00a0: le code est dit, puis envoyé par SMS."
)
_PHONE = {"type": "tel", "inputmode": "tel", "class": "input--medium"}


class _RioHelp(str):
    """Written when it is drawn: a form that only judges a sheet's line reads no number."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True

    def __html__(self) -> str:
        told = numbers_by_purpose()[Purpose.RIO]
        return format_html(_RIO_HELP, dialled(told), told)

    def __str__(self) -> str:
        return self.__html__()


class ConditionalField(forms.CharField):
    """Asked for by other answers: not « facultatif », and the form says when it is missing."""

    def validate(self, value: Any) -> None:
        """Accept nothing: `ActivationForm.clean` decides."""


class ActivationForm(forms.Form):
    """A request to activate one card; ``application`` is what it says once valid.

    ``iccid_insisted`` is no field: it is a box that the card's error brings, whose value is the
    number that was read again. Another number, typed since, has not been.
    """

    use_required_attribute = False  # The errors are ours, in the summary.

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    iccid = forms.CharField(
        label="Numéro de série à 20 chiffres de la carte SIM à activer (ICCID)",
        help_text="Il est imprimé sur la carte et commence par 893310. Les espaces sont acceptés.",
        widget=forms.TextInput(
            {"class": "input--code", "inputmode": "numeric", "data-group-digits": "4"}
        ),
        max_length=40,
        error_messages={"required": "Indiquez les 20 chiffres de la carte."},
    )
    civility = forms.ChoiceField(
        label="Civilité",
        choices=ActivationRequest.Civility.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une civilité."},
    )
    last_name = forms.CharField(
        label="Nom du bénéficiaire",
        help_text="Comme sur sa pièce d’identité.",
        max_length=100,
        error_messages={"required": "Indiquez le nom du bénéficiaire."},
    )
    first_name = forms.CharField(
        label="Prénom du bénéficiaire",
        max_length=100,
        error_messages={"required": "Indiquez le prénom du bénéficiaire."},
    )
    birth_date = DateField(label="Date de naissance", help_text="Par exemple 4 12 1985.")
    birth_department = forms.CharField(
        label="Département de naissance",
        help_text="Tapez le numéro ou le nom. Né à l’étranger\u00a0: tapez 99.",
        widget=forms.TextInput({"list": "departements", "class": "input--medium"}),
        max_length=60,
        error_messages={"required": "Indiquez le département de naissance."},
    )
    birth_country = ConditionalField(
        label="Pays de naissance",
        help_text="Seulement si le bénéficiaire est né à l’étranger (99).",
        widget=forms.TextInput({"class": "input--medium"}),
        max_length=60,
    )
    portability = forms.ChoiceField(
        label="Le bénéficiaire garde-t-il son numéro actuel\u00a0?",
        choices=((NO, "Non, il aura un nouveau numéro"), (YES, "Oui, il garde son numéro")),
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez\u00a0: garder le numéro, ou en avoir un nouveau."},
    )
    current_number = ConditionalField(
        label="Numéro de portable actuel",
        help_text="Celui que le bénéficiaire garde.",
        widget=forms.TextInput(_PHONE),
        max_length=30,
    )
    rio = ConditionalField(
        label="Code RIO",
        widget=forms.TextInput({"class": "input--code", "autocapitalize": "characters"}),
        max_length=30,
    )
    contact_phone = forms.CharField(
        label="Portable à prévenir",
        help_text="Le SMS de confirmation y est envoyé. Sans ce numéro, il part vers la ligne "
        "activée elle-même.",
        widget=forms.TextInput(_PHONE),
        max_length=30,
        required=False,
    )
    language = forms.ChoiceField(
        label="Langue du SMS",
        choices=Language.choices,
        initial=Language.FRENCH,
        widget=forms.Select({"class": "input--medium"}),
        error_messages={"required": "Choisissez la langue du SMS."},
    )
    identity_checked = forms.BooleanField(
        label="J’ai vérifié la pièce d’identité du bénéficiaire.",
        help_text="N’en gardez pas de copie\u00a0: elle n’est pas demandée.",
        error_messages={"required": "Cochez la case après avoir vérifié la pièce d’identité."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            ticked = isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect)
            if name != "key" and not ticked:
                # What a person typed must not be proposed to the next one.
                field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})
        self.fields["rio"].help_text = _RioHelp()
        self.warnings: dict[str, str] = {}
        #: The 20 digits of an SFR card whose only fault is the last one: they may be insisted on.
        self.doubtful_card = ""

    @property
    def departments(self) -> list[str]:
        """Return what the browser proposes while a département is typed."""
        return [birth.label(code) for code in DEPARTMENTS]

    @property
    def card_insisted(self) -> bool:
        """Whether the sender has read again the card whose check digit is wrong."""
        return bool(self.doubtful_card) and self.data.get("iccid_insisted") == self.doubtful_card

    def clean_iccid(self) -> str:
        typed = self.cleaned_data["iccid"]
        try:
            return iccid.check(typed)
        except ValidationError as error:
            if error.code != "check_digit":
                raise
            self.doubtful_card = iccid.clean(typed)
            if not self.card_insisted:
                raise
        return self.doubtful_card

    def clean_last_name(self) -> str:
        return names.check(self.cleaned_data["last_name"])

    def clean_first_name(self) -> str:
        return names.check(self.cleaned_data["first_name"])

    def clean_birth_date(self) -> Any:
        return birth.check_date(self.cleaned_data["birth_date"], timezone.localdate())

    def clean_birth_department(self) -> str:
        return birth.check_department(self.cleaned_data["birth_department"])

    def clean_contact_phone(self) -> str:
        typed = self.cleaned_data["contact_phone"]
        return phone.check(typed) if typed else ""

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        department = cleaned.get("birth_department")
        if department:
            self._check("birth_country", lambda text: birth.check_country(department, text))
        if cleaned.get("portability") == YES:
            self._check("current_number", rio.check_number)
            number = cleaned.get("current_number", "")
            self._check("rio", lambda text: rio.check(text, number))
            if cleaned.get("rio") and rio.warning(cleaned["rio"]):
                self.warnings["rio"] = rio.warning(cleaned["rio"])
        else:
            cleaned["current_number"] = cleaned["rio"] = ""
        return cleaned

    def _check(self, name: str, rule: Callable[[str], str]) -> None:
        if name in self.errors:
            return
        try:
            self.cleaned_data[name] = rule(self.cleaned_data.get(name, ""))
        except ValidationError as error:
            self.add_error(name, error)

    @property
    def application(self) -> Application:
        """Return what the valid form asks for."""
        kept = (*CHECKED, "civility", "language", "identity_checked")
        values = {name: self.cleaned_data[name] for name in kept}
        values["birth_date"] = self.cleaned_data["birth_date"].isoformat()
        return Application(**values, iccid_insisted=self.card_insisted)


def initial_of(request: ActivationRequest) -> dict[str, Any]:
    """Return what the form shows of a request to be corrected."""
    values = {name: getattr(request, name) for name in (*CHECKED, "civility", "language")}
    values["birth_date"] = DateField().to_python(request.birth_date.split("-")[::-1])
    values["birth_department"] = birth.label(request.birth_department)
    for name in ("contact_phone", "current_number"):
        values[name] = format_phone(values[name])
    values["portability"] = YES if request.portability else NO
    return values
