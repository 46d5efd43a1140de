"""What a référent types: the models say what is wrong with it."""

import json
from typing import Any

from django import forms
from wagtail.admin.widgets import AdminAutoHeightTextInput

from activation.models import EmailText, Reason, SmsText
from activation.rules import gsm7
from activation.texts import emails, sms


class SmsForm(forms.ModelForm[SmsText]):
    """The text of an SMS; its box carries what the live count needs."""

    variables = sms.VARIABLES

    class Meta:
        model = SmsText
        fields = ("body",)
        error_messages = {"body": {"required": "Écrivez le texte du SMS."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = {
            "values": sms.values(sms.LONGEST),
            "limit": gsm7.LIMIT,
            "basic": "".join(sorted(gsm7.BASIC)),
            "extended": "".join(sorted(gsm7.EXTENDED)),
        }
        self.fields["body"].widget = AdminAutoHeightTextInput(
            {"rows": 4, "data-sms": json.dumps(counted), "lang": self.instance.language}
        )


class EmailForm(forms.ModelForm[EmailText]):
    """Subject and text of an e-mail."""

    variables = emails.VARIABLES

    class Meta:
        model = EmailText
        fields = ("subject", "body")
        widgets = {"body": AdminAutoHeightTextInput({"rows": 6})}
        help_texts = {
            "body": "Sans formule de politesse\u00a0: «\u00a0Bonjour,\u00a0» et le bouton "
            "«\u00a0Voir la demande\u00a0» s’ajoutent seuls. Une ligne vide sépare deux "
            "paragraphes.",
        }
        error_messages = {
            "subject": {"required": "Écrivez l’objet de l’e-mail."},
            "body": {"required": "Écrivez le texte de l’e-mail."},
        }


class ReasonForm(forms.ModelForm[Reason]):
    """A reason: what operators choose, what the structure reads."""

    variables: dict[str, str] = {}

    class Meta:
        model = Reason
        fields = ("kind", "label", "text", "is_active")
        labels = {"is_active": "Proposer ce motif aux opérateurs"}
        help_texts = {
            "text": "Ce que lit la structure\u00a0: ce qui ne va pas, et que faire. Pas de nom ni "
            "de numéro\u00a0: le même texte sert à toutes les demandes.",
        }
        widgets = {
            "kind": forms.RadioSelect,
            "text": AdminAutoHeightTextInput({"rows": 4}),
        }
        error_messages = {
            "kind": {"required": "Choisissez à quoi sert ce motif."},
            "label": {"required": "Écrivez l’intitulé du motif."},
            "text": {"required": "Écrivez ce que lira la structure."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # No empty radio button.
        self.fields["kind"].choices = Reason.Kind.choices  # type: ignore[attr-defined]
