"""What a référent types about payments and statements."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.ui.forms import day_input
from shop.billing.balances import Situation
from shop.billing.models import Invoice, Payment
from shop.billing.payments.reading import parse_amount


class EurosField(forms.CharField):
    """An amount as people write it: ``1 234,50``, a comma or a dot, with or without « € »."""

    def __init__(self, **options: Any) -> None:
        """Show the keyboard of figures on a phone."""
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        required = {"required": "Indiquez le montant."}
        super().__init__(max_length=30, widget=widget, error_messages=required, **options)

    def clean(self, value: Any) -> Any:
        """Return euros.

        Raises:
            ValidationError: it is no amount.
        """
        text = super().clean(value)
        try:
            return parse_amount(text)
        except ValueError as error:
            raise forms.ValidationError(
                "Ce n’est pas un montant. Écrivez par exemple 1234,50."
            ) from error


def typed(amount: Decimal) -> str:
    """Return an amount as somebody would type it: ``1234,50``."""
    return f"{amount:.2f}".replace(".", ",")


class PaymentForm(forms.Form):
    """Money received for an invoice. The key makes a second click harmless."""

    use_required_attribute = False

    key = forms.UUIDField(widget=forms.HiddenInput)
    amount = EurosField(label="Montant reçu, en euros")
    received_on = forms.DateField(
        label="Reçu le",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=day_input(),
        error_messages={
            "required": "Indiquez le jour où l’argent est arrivé.",
            "invalid": "Cette date n’existe pas. Écrivez-la jj/mm/aaaa.",
        },
    )
    method = forms.ChoiceField(label="Moyen", choices=Payment.Method.choices)
    reference = forms.CharField(
        label="Référence",
        max_length=100,
        required=False,
        help_text="Du virement ou du chèque. Facultatif.",
    )

    @classmethod
    def for_left(cls, left: Decimal) -> "PaymentForm":
        """Return an empty form that proposes to pay all that is left, today."""
        return cls(
            initial={
                "key": uuid.uuid4(),
                "amount": typed(left),
                "received_on": timezone.localdate(),
                "method": Payment.Method.TRANSFER,
            }
        )


class VoidForm(forms.Form):
    """Why a payment is cancelled."""

    reason = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Par exemple\u00a0: chèque rejeté, ou noté sur la mauvaise facture.",
        error_messages={"required": "Dites pourquoi ce paiement est annulé."},
    )


class StatementForm(forms.Form):
    """A file of the bank."""

    file = forms.FileField(
        label="Relevé de la banque (CSV)",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
        help_text="Avec les colonnes date, libellé et montant, ou crédit et débit.",
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
        },
    )


class LineForm(forms.Form):
    """Which invoice a line of the bank pays, and with how much."""

    invoice = forms.UUIDField(error_messages={"required": "Choisissez une facture."})
    amount = EurosField()


class OwingFilters(forms.Form):
    """Which invoices are listed, by their situation."""

    q = forms.CharField(label="Structure ou numéro", required=False, max_length=100)
    situation = forms.ChoiceField(
        label="Situation",
        required=False,
        choices=(
            ("", "Tout ce qui reste dû"),
            ("a-payer", "À payer"),
            ("en-retard", "En retard"),
            ("payees", "Payées"),
        ),
    )

    def keep(self, found: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """Keep what is asked for, of issued invoices with their balance."""
        self.is_valid()
        if words := self.cleaned_data.get("q", "").strip():
            found = found.filter(named(words))
        wanted = {
            "a-payer": Q(situation=Situation.TO_PAY),
            "en-retard": Q(situation=Situation.LATE),
            "payees": Q(situation=Situation.PAID),
        }
        owing = Q(left__gt=0)
        return found.filter(wanted.get(self.cleaned_data.get("situation", ""), owing))


def named(words: str) -> Q:
    """Match a part of a structure's name, or an invoice's number."""
    return Q(structure__name__icontains=words) | Q(number__icontains=words)
