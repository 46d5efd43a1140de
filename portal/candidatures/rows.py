"""The two steps of the form that are made of rows: the colleagues, and the products."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.forms.boundfield import BoundField

from portal.candidatures.forms import EMAIL_ERRORS
from portal.candidatures.models import Candidature
from portal.candidatures.services import Person
from portal.structures.offer import OfferedProduct

#: Colleagues that a candidature may announce; the others are invited once the account is open.
MOST_PEOPLE = 20
#: Units a month that nobody asks for by mistake of a zero or two.
MOST_PER_MONTH = 10_000


class TeamForm(forms.Form):
    """The colleagues: rows of three fields, each filled whole or left empty."""

    use_required_attribute = False
    PARTS = (("first_name", "Prénom"), ("last_name", "Nom"), ("email", "Adresse e-mail"))

    def __init__(self, *args: Any, candidature: Candidature, more: int = 0, **kwargs: Any) -> None:
        """Draw the rows that are kept and two or three empty ones.

        Args:
            args: as a form's.
            candidature: whose colleagues.
            more: rows that the page had, when it comes back.
            kwargs: as a form's.
        """
        super().__init__(*args, **kwargs)
        known = list(candidature.members.all())
        self.rows = min(max(len(known) + 2, 3, more), MOST_PEOPLE)
        self.lead_email = candidature.lead_email
        for row in range(self.rows):
            for part, label in self.PARTS:
                value = getattr(known[row], part) if row < len(known) else ""
                self.fields[f"{part}_{row}"] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=254 if part == "email" else 150,
                    initial=value,
                    widget=forms.TextInput(
                        {"autocomplete": "off"} | ({"type": "email"} if part == "email" else {})
                    ),
                )

    def groups(self) -> Iterator[tuple[int, list[BoundField]]]:
        """Yield each row, numbered from 1, with its fields."""
        for row in range(self.rows):
            yield row + 1, [self[f"{part}_{row}"] for part, _ in self.PARTS]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        seen = {self.lead_email}
        for row in range(self.rows):
            typed = {part: cleaned.get(f"{part}_{row}", "") for part, _ in self.PARTS}
            if any(typed.values()):
                self._check(row, typed, seen)
        return cleaned

    def _check(self, row: int, typed: dict[str, str], seen: set[str]) -> None:
        missing = {
            "first_name": "Indiquez son prénom.",
            "last_name": "Indiquez son nom.",
            "email": "Indiquez son adresse e-mail.",
        }
        for part, sentence in missing.items():
            if not typed[part]:
                self.add_error(f"{part}_{row}", sentence)
        email = typed["email"].lower()
        if not email:
            return
        try:
            validate_email(email)
        except ValidationError:
            self.add_error(f"email_{row}", EMAIL_ERRORS["invalid"])
        if email in seen:
            self.add_error(f"email_{row}", "Cette adresse est déjà dans la liste.")
        seen.add(email)

    def people(self) -> list[Person]:
        """Return the colleagues of a valid form."""
        rows = (
            Person(*(self.cleaned_data[f"{part}_{row}"] for part, _ in self.PARTS))
            for row in range(self.rows)
        )
        return [person for person in rows if person.email]


class NeedsForm(forms.Form):
    """How many of each product a month, and the equipment wished."""

    use_required_attribute = False

    equipment = forms.CharField(
        label="Équipement souhaité",
        help_text="Ordinateurs, téléphones, tablettes\u00a0: combien, pour qui\u00a0? C’est noté "
        "pour un autre avenant, si nous pouvons en donner.",
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(
        self,
        *args: Any,
        candidature: Candidature,
        products: Sequence[OfferedProduct],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        known = {need.upc: need.per_month for need in candidature.needs.all()}
        self.products = {f"need_{product.upc}": product for product in products}
        self.fields["equipment"].initial = candidature.equipment
        for name, product in self.products.items():
            self.fields[name] = forms.IntegerField(
                label=product.title,
                required=False,
                initial=known.get(product.upc, 0),
                min_value=0,
                max_value=MOST_PER_MONTH,
                widget=forms.TextInput({"inputmode": "numeric", "class": "input--short"}),
                error_messages={
                    "invalid": f"{product.title}\u00a0: écrivez un nombre entier, 0 pour aucune.",
                    "min_value": f"{product.title}\u00a0: écrivez 0 ou plus.",
                    "max_value": f"{product.title}\u00a0: {MOST_PER_MONTH} par mois au plus.",
                },
            )
        self.order_fields([*self.products, "equipment"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in self.products):
            first = next(iter(self.products), None)
            self.add_error(
                first, "Indiquez au moins un besoin\u00a0: il sert à préparer l’avenant."
            )
        return cleaned

    def quantities(self) -> Iterator[tuple[OfferedProduct, BoundField]]:
        """Yield the products on offer, each with its field."""
        for name, product in self.products.items():
            yield product, self[name]

    def asked(self) -> dict[OfferedProduct, int]:
        """Return units a month by product, of a valid form."""
        return {product: self.cleaned_data[name] or 0 for name, product in self.products.items()}
