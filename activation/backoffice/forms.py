"""What an operator types."""

from django import forms
from wagtail.admin.widgets import AdminAutoHeightTextInput

from activation.rules import phone


class LineForm(forms.Form):
    """The number of the line that SFR has opened."""

    line_number = forms.CharField(
        label="Numéro de la ligne",
        help_text="Le bénéficiaire le reçoit par SMS, avec le 950 et le 952.",
        max_length=30,
        widget=forms.TextInput({"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "Indiquez le numéro de la ligne activée."},
    )

    def clean_line_number(self) -> str:
        return phone.check(self.cleaned_data["line_number"])


class ReasonForm(forms.Form):
    """Why a request goes back to its structure, or no further."""

    reason = forms.CharField(
        label="Motif",
        help_text="La structure le lit sur la page de la demande, jamais dans un e-mail.",
        max_length=500,
        widget=AdminAutoHeightTextInput,
        error_messages={"required": "Indiquez le motif\u00a0: la structure en a besoin."},
    )
