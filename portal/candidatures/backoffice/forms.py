"""What a référent writes: a reason, or who looks after the structure and which one it is."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.accounts.models import User
from portal.candidatures.models import Candidature
from portal.candidatures.review import account_managers, known_structures
from portal.structures.models import Structure

NEW = "nouvelle"


class ReasonForm(forms.Form):
    """Why: the structure reads it."""

    reason = forms.CharField(
        label="Ce que la structure lira",
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Dites pourquoi\u00a0: la structure lira ce motif."},
    )


class AcceptForm(forms.Form):
    """Who looks after the structure, and whether it is a known one."""

    account_manager = forms.ModelChoiceField(
        label="Référent Emmaüs Connect",
        queryset=User.objects.none(),
        empty_label=None,
        error_messages={"required": "Choisissez qui suivra cette structure."},
    )
    structure = forms.ChoiceField(
        label="Structure",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une nouvelle structure, ou celle qui est connue."},
    )

    def __init__(self, *args: Any, candidature: Candidature, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = known_structures(candidature)
        self.structures = {str(one.uuid): one for one in [known.same, *known.alike] if one}
        choices = [] if known.same else [(NEW, "Une nouvelle structure")]
        choices += [(key, _label(one)) for key, one in self.structures.items()]
        self.fields["structure"].choices = choices  # type: ignore[attr-defined]
        self.fields["structure"].initial = choices[0][0]
        self.fields["account_manager"].queryset = account_managers()  # type: ignore[attr-defined]
        present = known.same.account_manager_id if known.same else None
        self.fields["account_manager"].initial = present or candidature.account_manager_id or by.pk

    def clean_structure(self) -> Structure | None:
        chosen = self.cleaned_data["structure"]
        if chosen == NEW:
            return None
        if chosen not in self.structures:
            raise ValidationError("Cette structure n’est plus proposée.", code="gone")
        return self.structures[chosen]


def _label(one: Structure) -> str:
    place = f", {one.postcode} {one.city}" if one.city else ""
    return f"{one}{place} ({one.get_state_display().lower()})"
