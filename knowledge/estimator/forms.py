"""What a visitor types: an amount for each usage."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from knowledge.estimator.models import DataUsage

NOTHING = "Indiquez au moins un usage\u00a0: un nombre plus grand que zéro."
LONGEST = 12  # characters of an amount


class AmountField(forms.DecimalField):
    """Units in a period: nothing, or a number from 0 to the end of the slider, to one decimal."""

    def __init__(self, usage: "DataUsage") -> None:
        self.usage = usage
        attrs = {"class": "usage__number", "inputmode": "decimal", "step": "any"}
        super().__init__(
            label=usage.name,
            help_text=f"{usage.units} {usage.get_period_display()}",
            required=False,
            min_value=0,
            max_value=usage.highest,
            decimal_places=1,
            widget=forms.NumberInput(attrs=attrs),
        )

    def clean(self, value: Any) -> Decimal:
        """Read a comma or a dot; one sentence for all that can be wrong.

        Raises:
            ValidationError: it is no such number.
        """
        typed = str(value or "").strip()
        try:
            if len(typed) > LONGEST:
                raise ValidationError("too long")
            return super().clean(typed.replace(",", ".")) or Decimal(0)
        except ValidationError as error:
            raise ValidationError(
                f"Indiquez un nombre entre 0 et {self.usage.highest}, par exemple 2 ou 1,5.",
                code="amount",
            ) from error

    def prepare_value(self, value: Any) -> Any:
        """Show what was typed in a number field, which wants a dot."""
        return value.replace(",", ".")[:LONGEST] if isinstance(value, str) else value


class EstimateForm(forms.Form):
    """One field for each published usage."""

    def __init__(self, data: Any = None, *, usages: Sequence["DataUsage"]) -> None:
        self.usages = usages
        super().__init__(data)
        for usage in usages:
            self.fields[usage.key] = AmountField(usage)

    def clean(self) -> dict[str, Any]:
        """Ask for one usage at least."""
        typed: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(typed.values()):
            self.add_error(None, ValidationError(NOTHING, code="nothing"))
        return typed

    def amounts(self) -> list[tuple["DataUsage", Decimal]]:
        """Return the usages that count, each with its units in a period."""
        found = ((usage, self.cleaned_data[usage.key]) for usage in self.usages)
        return [(usage, amount) for usage, amount in found if amount]
