"""Inviting a colleague."""

from django import forms


class InviteForm(forms.Form):
    """Who to invite."""

    use_required_attribute = False  # The errors are ours, in the summary.

    email = forms.EmailField(
        label="Adresse e-mail professionnelle",
        help_text="Cette personne y recevra un lien pour choisir son mot de passe.",
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={
            "required": "Indiquez son adresse e-mail.",
            "invalid": "Cette adresse n’est pas complète. Exemple\u00a0: prenom.nom@structure.fr",
        },
    )
    first_name = forms.CharField(
        label="Prénom", max_length=150, error_messages={"required": "Indiquez son prénom."}
    )
    last_name = forms.CharField(
        label="Nom", max_length=150, error_messages={"required": "Indiquez son nom."}
    )
