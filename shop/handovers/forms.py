"""Noting a hand-over. The rules are those of `shop.handovers.services`; here is only the typing."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from portal.ui.forms import DateField
from portal.ui.text import format_euros
from shop.handovers.models import HandOver
from shop.handovers.references import MAX_LENGTH, HandOverRefused
from shop.handovers.services import RemovalReason
from shop.handovers.units import Units

Payer = HandOver.Payer


class EurosField(forms.DecimalField):
    """An amount as people write it: ``4,50``, ``4.50 €``."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Read it without its sign and spaces."""
        text = "".join(str(value or "").replace("€", "").split()).replace(",", ".")
        return super().to_python(text)


class NoteForm(forms.Form):
    """Who received, when, and who paid; ``payers`` are those among whom there is a choice."""

    use_required_attribute = False  # The errors are ours, in the summary.

    reference = forms.CharField(
        label="Référence de la personne",
        help_text="La vôtre, jamais un nom\u00a0: par exemple un numéro de dossier.",
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "maxlength": str(MAX_LENGTH)}
        ),
        error_messages={"required": "Indiquez la référence de la personne."},
    )
    handed_on = DateField(label="Remise le", initial=timezone.localdate)
    paid_by = forms.ChoiceField(
        label="Qui a payé\u00a0?",
        widget=forms.RadioSelect,
        error_messages={"required": "Indiquez qui a payé."},
    )
    amount = EurosField(
        label="Montant payé, en euros",
        required=False,
        widget=forms.TextInput(
            {"inputmode": "decimal", "autocomplete": "off", "class": "input--short"}
        ),
        max_digits=6,
        decimal_places=2,
        error_messages={"invalid": "Indiquez un montant en euros, par exemple 4,50."},
    )

    def __init__(self, *args: Any, payers: Sequence[Payer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payers = list(payers)
        if self.payers == [Payer.NOBODY]:
            del self.fields["paid_by"]
            self.fields.pop("amount", None)
        else:
            choices = [(one.value, one.label) for one in self.payers]
            self.fields["paid_by"].choices = choices  # type: ignore[attr-defined]

    @property
    def note(self) -> dict[str, Any]:
        """Return what the services ask for."""
        return {"paid_by": Payer.NOBODY, **self.cleaned_data}

    def refuse(self, error: HandOverRefused) -> None:
        """Show the sentence at the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


class HandOverForm(NoteForm):
    """One number."""

    def __init__(self, *args: Any, units: Units, **kwargs: Any) -> None:
        super().__init__(*args, payers=units.payers, **kwargs)
        if "amount" in self.fields:
            price = format_euros(units.price)
            free = ", ou si elle est gratuite" if Payer.NOBODY in self.payers else ""
            self.fields["amount"].help_text = f"Laissez vide si c’est le prix, {price}{free}."


class TogetherForm(NoteForm):
    """Several numbers for one person: the free ones first, the others at their price."""

    amount = None  # type: ignore[assignment]


class RemoveForm(forms.Form):
    """Why a hand-over leaves the carnet."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label="Pourquoi retirer cette remise\u00a0?",
        choices=RemovalReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une raison."},
    )


def initial_of(row: HandOver) -> dict[str, Any]:
    """Return what the form shows of a hand-over to be corrected."""
    return {
        "reference": row.reference,
        "handed_on": row.handed_on,
        "paid_by": row.paid_by,
        "amount": str(row.amount).replace(".", ",") if row.amount else "",
    }
