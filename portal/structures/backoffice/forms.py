"""What référents type about agreements."""

from typing import Any

from django import forms

from portal.structures.agreements.preparing import APPLIED, Need
from portal.structures.models import Agreement, AgreementText, Amendment, Structure
from portal.structures.offer import offered
from portal.ui.forms import day_input

MOST = 1_000_000
_DATES = {
    "required": "Indiquez ce jour.",
    "invalid": "Ce jour n’existe pas. Exemple\u00a0: 2026-11-23.",
}


def day_field(label: str) -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(label=label, widget=day_input(), error_messages=_DATES)


class NewForm(forms.Form):
    """For which structure a convention is drafted."""

    structure = forms.ModelChoiceField(
        label="Structure",
        queryset=Structure.objects.exclude(state=Structure.State.CLOSED),
        error_messages={"required": "Choisissez la structure."},
    )


class TermsForm(forms.Form):
    """The terms of a convention: all of a draft's, those that are applied of one in force."""

    starts_on = day_field("Premier jour")
    ends_on = day_field("Dernier jour, compris")
    renews_tacitly = forms.BooleanField(
        label="Reconduction tacite",
        required=False,
        help_text="Chaque année pour un an, jusqu’à ce qu’elle soit dénoncée.",
    )
    public = forms.CharField(label="Public accueilli", max_length=200, required=False)
    limit_per_person = forms.IntegerField(
        label="Recharges par personne et par mois",
        min_value=1,
        max_value=1_000,
        required=False,
        help_text="Mois civil. Vide\u00a0: sans limite.",
    )
    delivery_mode = forms.ChoiceField(
        label="Livraison des cartes SIM", choices=Agreement.Delivery.choices
    )
    allows_solidarity_prices = forms.BooleanField(
        label="Commandes au prix solidaire",
        required=False,
        help_text="Décoché\u00a0: hors d’un avenant, la structure ne commande pas.",
    )

    def __init__(self, data: Any = None, *, agreement: Agreement) -> None:
        """Fill the form; what is signed cannot be changed."""
        names = list(self.base_fields)
        super().__init__(data, initial={name: getattr(agreement, name) for name in names})
        if agreement.state != Agreement.State.DRAFT:
            for name in set(names) - set(APPLIED):
                del self.fields[name]


class AvenantForm(forms.Form):
    """An avenant: its period, and for each product what is asked and what is given."""

    label = forms.CharField(
        label="Intitulé", max_length=200, error_messages={"required": "Donnez un intitulé."}
    )
    starts_on = day_field("Premier jour")
    ends_on = day_field("Dernier jour, compris")
    delivery_mode = forms.ChoiceField(
        label="Livraison des cartes SIM", choices=Agreement.Delivery.choices
    )

    def __init__(self, data: Any = None, *, amendment: Amendment) -> None:
        """Add three fields for each product on offer, and for those that the avenant has."""
        names = list(self.base_fields)
        super().__init__(data, initial={name: getattr(amendment, name) for name in names})
        self.is_draft = amendment.state == Amendment.State.DRAFT
        self.titles = {need.upc: need.title for need in amendment.needs.all()}
        for product in offered():
            self.titles.setdefault(product.upc, product.title)
        self.known = {need.upc: need for need in amendment.needs.all()}
        for upc, title in self.titles.items():
            need = self.known.get(upc)
            self._add(
                f"asked-{upc}", f"{title}\u00a0: besoin exprimé", need.asked if need else None, 0
            )
            self._add(
                f"validated-{upc}",
                f"{title}\u00a0: quantité accordée",
                need.validated if need else None,
                0,
            )
            self._add(
                f"limit-{upc}",
                f"{title}\u00a0: limite par bénéficiaire",
                need.per_beneficiary if need else None,
                1,
            )
            self.fields[f"asked-{upc}"].disabled = not self.is_draft

    def _add(self, name: str, label: str, value: int | None, least: int) -> None:
        self.fields[name] = forms.IntegerField(
            label=label,
            required=False,
            min_value=least,
            max_value=MOST if least == 0 else 1_000,
            initial=value,
            widget=forms.NumberInput(attrs={"aria-label": label}),
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the table of quantities: a product and its three fields."""
        return [
            {
                "title": title,
                "cells": [self[f"{part}-{upc}"] for part in ("asked", "validated", "limit")],
            }
            for upc, title in self.titles.items()
        ]

    def plain(self) -> list[forms.BoundField]:
        """Return the fields above the table."""
        return [self[name] for name in self.base_fields]

    def needs(self) -> list[Need]:
        """Return what was typed, without the products of which nothing is asked nor given."""
        found = []
        for upc, title in self.titles.items():
            asked, validated, limit = (
                self.cleaned_data.get(f"{part}-{upc}") for part in ("asked", "validated", "limit")
            )
            if asked or validated is not None or (upc in self.known and not self.is_draft):
                found.append(Need(upc, title, asked or 0, validated, limit))
        return found

    def terms(self) -> dict[str, Any]:
        """Return what was typed above the table."""
        return {name: self.cleaned_data[name] for name in self.base_fields}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.TextInput(),
        help_text="La structure le lit\u00a0; il reste dans l’histoire.",
        error_messages={"required": "Dites pourquoi\u00a0: la structure lit ce motif."},
    )


class FileForm(forms.Form):
    """A signed paper."""

    file = forms.FileField(
        label="Document signé",
        help_text="PDF, JPEG ou PNG, 10\u00a0Mo au plus.",
        max_length=255,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": "Choisissez le document signé.",
            "empty": "Ce fichier est vide\u00a0: choisissez-en un autre.",
        },
    )


class CountersignedForm(FileForm):
    """A paper with both signatures, where it was scanned."""

    file = forms.FileField(
        label="Document contresigné (facultatif)",
        help_text="PDF, JPEG ou PNG, 10\u00a0Mo au plus.",
        required=False,
        max_length=255,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"empty": "Ce fichier est vide\u00a0: choisissez-en un autre."},
    )


class TextForm(forms.ModelForm):  # type: ignore[type-arg]
    """A version of a text."""

    class Meta:
        model = AgreementText
        fields = ("title", "body")
        widgets = {"body": forms.Textarea(attrs={"rows": 30})}
        error_messages = {
            "title": {"required": "Donnez un titre."},
            "body": {"required": "Écrivez le texte."},
        }
