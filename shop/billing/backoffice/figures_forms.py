"""What somebody asks the figures, or the accounting export, of."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from portal.ui.forms import day_input
from shop.billing.export import Days, first_day
from shop.billing.figures.periods import Period
from shop.billing.figures.reading import first_month
from shop.handovers.months import named, parse, previous, this_month, written

LATEST = "douze-mois"
_UNKNOWN = "Ce mois n’est pas dans la liste. Choisissez-en un autre."


class PeriodForm(forms.Form):
    """The last twelve months, or one month since the first order."""

    periode = forms.ChoiceField(
        label="Période", required=False, error_messages={"invalid_choice": _UNKNOWN}
    )

    def __init__(self, data: Any) -> None:
        super().__init__({"periode": data.get("periode") or LATEST})
        _field(self, "periode").choices = [
            (LATEST, "Les douze derniers mois"),
            *_months_since(first_month()),
        ]

    def period(self) -> Period:
        """Return the months that are asked for; the form is valid."""
        asked = self.cleaned_data["periode"]
        return Period.latest() if asked == LATEST else Period.of(parse(asked))


class DaysForm(forms.Form):
    """A month of issue, or two days; the month that is over where nothing is typed."""

    mois = forms.ChoiceField(
        label="Mois d’émission", required=False, error_messages={"invalid_choice": _UNKNOWN}
    )
    du = forms.DateField(label="Ou émis du", required=False)
    au = forms.DateField(label="Au", required=False)

    def __init__(self, data: Any) -> None:
        typed = {name: data.get(name, "").strip() for name in self.base_fields}
        if not any(typed.values()):
            typed["mois"] = written(previous(this_month()))
        super().__init__(typed)
        months = _months_since(min(first_day() or this_month(), previous(this_month())))
        _field(self, "mois").choices = [("", "– deux dates –"), *months]
        for name in ("du", "au"):
            field = self.fields[name]
            field.widget = day_input()
            field.error_messages["invalid"] = "Indiquez une date, par exemple 31/12/2026."

    def clean(self) -> dict[str, Any]:
        """Refuse a month and days at once, half a period, and one that ends before it begins."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        month, start, end = (cleaned[name] for name in self.base_fields)
        if month and (start or end):
            self.add_error("mois", "Choisissez un mois, ou deux dates\u00a0: pas les deux.")
        elif not month and not (start and end):
            self.add_error("au" if start else "du", "Indiquez les deux dates de la période.")
        elif not month and end < start:
            self.add_error("au", "La période finit avant de commencer\u00a0: changez une date.")
        return cleaned

    def days(self) -> Days:
        """Return the days that are asked for; the form is valid."""
        month, start, end = (self.cleaned_data[name] for name in self.base_fields)
        return Days.of_month(parse(month)) if month else Days(start, end)


def _field(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 (tells the type)
    return field


def _months_since(day: dt.date | None) -> list[tuple[str, str]]:
    """Return the months from that of a day to this one, the newest first, as choices."""
    found, month = [], this_month()
    first = min(day or timezone.localdate(), month).replace(day=1)
    while month >= first:
        found.append((written(month), named(month).capitalize()))
        month = previous(month)
    return found
