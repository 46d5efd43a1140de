"""What an operator types."""

import json
from typing import Any

from django import forms
from wagtail.admin.widgets import AdminAutoHeightTextInput

from activation import operators
from activation.models import ActivationRequest, MessageTask, Reason
from activation.models.follow_up import Check
from activation.rules import phone
from portal.accounts.models import User

_NO_REASON = "Indiquez le motif\u00a0: la structure en a besoin."


class ActionForm(forms.Form):
    """A form of the page of a request, which it may look at; nothing of it is asked by default."""

    def __init__(self, *args: Any, found: ActivationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found


class LineForm(ActionForm):
    """The number of the line that SFR has opened."""

    line_number = forms.CharField(
        label="Numéro de la ligne",
        help_text="Le bénéficiaire le reçoit par SMS, avec les numéros du solde et de la recharge.",
        max_length=30,
        widget=forms.TextInput({"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "Indiquez le numéro de la ligne activée."},
    )

    def clean_line_number(self) -> str:
        return phone.check(self.cleaned_data["line_number"])


class ReasonForm(ActionForm):
    """Why a request goes back to its structure, or no further: a listed reason, or one's own."""

    kind: Reason.Kind
    choice = forms.ChoiceField(label="Motif", required=False)
    reason = forms.CharField(
        label="Ce que lit la structure",
        help_text="Vide, c’est le texte du motif choisi. La structure le lit sur la page de la "
        "demande, jamais dans un e-mail.",
        max_length=500,
        required=False,
        widget=AdminAutoHeightTextInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = Reason.objects.filter(kind=self.kind, is_active=True)
        self.texts = {str(one.pk): one.text for one in listed}
        field: Any = self.fields["choice"]
        field.choices = [("", "Autre"), *((str(one.pk), one.label) for one in listed)]
        field.widget.attrs["data-texts"] = json.dumps(self.texts)

    def clean(self) -> dict[str, Any]:
        """Take the text of the chosen reason where nothing else was written."""
        cleaned = super().clean() or {}
        text = cleaned.get("reason", "").strip()
        cleaned["reason"] = text or self.texts.get(cleaned.get("choice", ""), "")
        if not cleaned["reason"] and not self.errors:
            self.add_error("reason", _NO_REASON)
        return cleaned


class CorrectForm(ReasonForm):
    """What the structure has to correct."""

    kind = Reason.Kind.TO_CORRECT


class RefuseForm(ReasonForm):
    """Why the request is refused."""

    kind = Reason.Kind.REFUSED


class OverrideForm(ActionForm):
    """Why an operator goes past a check."""

    check_code = forms.ChoiceField(choices=Check.choices, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Pourquoi lever ce contrôle",
        help_text="Sans nom ni numéro\u00a0: tous les opérateurs le lisent.",
        max_length=500,
        widget=AdminAutoHeightTextInput,
        error_messages={
            "required": "Indiquez pourquoi vous levez ce contrôle\u00a0: c’est enregistré."
        },
    )


class HandForm(ActionForm):
    """To which operator a request is handed."""

    to = forms.ModelChoiceField(
        label="Opérateur",
        queryset=User.objects.none(),
        empty_label="Choisissez",
        error_messages={
            "required": "Choisissez à qui confier la demande.",
            "invalid_choice": "Cette personne ne traite pas les demandes. Choisissez un opérateur.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        field.queryset = operators.operators().exclude(pk=self.found.taken_by_id or 0)


class DoneForm(ActionForm):
    """What an operator did instead of a message that could not be delivered."""

    task = forms.ModelChoiceField(queryset=MessageTask.objects.none(), widget=forms.HiddenInput)
    note = forms.CharField(
        label="Ce que vous avez fait",
        help_text="Par exemple\u00a0: «\u00a0structure appelée, elle prévient la personne\u00a0».",
        max_length=500,
        widget=AdminAutoHeightTextInput,
        error_messages={
            "required": "Indiquez ce que vous avez fait\u00a0: un collègue doit le comprendre."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["task"]
        field.queryset = MessageTask.objects.filter(request=self.found)
