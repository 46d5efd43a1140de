"""Form rendering of the project, and the date in three fields.

Settings: ``FORM_RENDERER = "portal.ui.forms.FormRenderer"``, with ``django.forms`` among the
installed apps.
Write ``<form novalidate>``: the errors are ours, in French, linked from the summary.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
    *("août", "septembre", "octobre", "novembre", "décembre"),
)


class FormRenderer(TemplatesSetting):
    """Draw ``{{ form }}`` and ``{{ form.x.as_field_group }}`` with the project's components.

    The templates have names of their own, so that the forms of Wagtail and Oscar keep theirs.
    """

    form_template_name = "components/forms/form.html"
    field_template_name = "components/forms/field.html"


class DateWidget(forms.MultiWidget):
    """Day, month and year as three short text inputs.

    No picker: nobody looks up a date of birth in a calendar, and a picker is slow by keyboard.
    Pattern of the GOV.UK and NHS design systems.
    """

    template_name = "components/forms/date.html"
    use_fieldset = True

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        """Build the three inputs; ``attrs`` go to each."""
        common = {"inputmode": "numeric", "autocomplete": "off"}
        lengths = {"day": 2, "month": 2, "year": 4}
        super().__init__(
            {
                name: forms.TextInput({**common, "maxlength": str(size), "class": f"date__{name}"})
                for name, size in lengths.items()
            },
            dict(attrs or {}),
        )

    def decompress(self, value: datetime.date | None) -> list[str]:
        """Split a date for display."""
        if value is None:
            return ["", "", ""]
        return [str(value.day), str(value.month), f"{value.year:04d}"]

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        """Give each input its visible label."""
        context = super().get_context(name, value, dict(attrs or {}))
        labels = ("Jour", "Mois", "Année")
        for subwidget, label in zip(context["widget"]["subwidgets"], labels, strict=True):
            subwidget["label"] = label
            # The group carries the description once; three times would be read three times.
            subwidget["attrs"].pop("aria-describedby", None)
        return context


class DateField(forms.Field):
    """A date typed as day, month and year, whose error says which part is wrong.

    Args (keyword):
        min_value: first date accepted.
        max_value: last date accepted; a callable such as ``timezone.localdate`` is asked each time.
    """

    widget = DateWidget
    default_error_messages = {
        "required": "Indiquez la date\u00a0: le jour, le mois et l’année.",
        "missing": "Il manque %(parts)s.",
        "not_a_number": "%(part)s s’écrit en chiffres.",
        "day": "Le jour doit être compris entre 1 et 31.",
        "month": "Le mois doit être compris entre 1 et 12.",
        "year": "L’année s’écrit en 4 chiffres, par exemple 1985.",
        "no_such_day": "Le %(day)d %(month)s %(year)d n’existe pas\u00a0: vérifiez le jour.",
        "min_value": "La date doit être le %(limit)s ou après.",
        "max_value": "La date doit être le %(limit)s ou avant.",
    }

    def __init__(self, *, min_value: Any = None, max_value: Any = None, **kwargs: Any) -> None:
        """Keep the bounds: dates, or callables returning one."""
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime.date | None:
        """Turn the three texts (or a date) into a date.

        Raises:
            ValidationError: naming the missing, malformed or impossible part.
        """
        if value is None or isinstance(value, datetime.date):
            return value
        parts = [str(part or "").strip() for part in value]
        if not any(parts):
            return None
        self._refuse_missing(parts)
        day, month, year = self._numbers(parts)
        try:
            return datetime.date(year, month, day)
        except ValueError as error:
            raise self._error("no_such_day", day=day, month=MONTHS[month - 1], year=year) from error

    def validate(self, value: Any) -> None:
        """Check presence and bounds."""
        super().validate(value)
        if value is None:
            return
        low, high = _bound(self.min_value), _bound(self.max_value)
        if low is not None and value < low:
            raise self._error("min_value", limit=french_date(low))
        if high is not None and value > high:
            raise self._error("max_value", limit=french_date(high))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as dates: ``05`` and ``5`` are the same day."""
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True

    def _error(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)

    def _refuse_missing(self, parts: Sequence[str]) -> None:
        names = ("le jour", "le mois", "l’année")
        missing = [name for name, part in zip(names, parts, strict=True) if not part]
        if missing:
            raise self._error("missing", parts=" et ".join(missing))

    def _numbers(self, parts: Sequence[str]) -> tuple[int, int, int]:
        names = ("Le jour", "Le mois", "L’année")
        for name, part in zip(names, parts, strict=True):
            if not (part.isascii() and part.isdigit()):
                raise self._error("not_a_number", part=name)
        day, month, year = (int(part) for part in parts)
        if not 1 <= day <= 31:
            raise self._error("day")
        if not 1 <= month <= 12:
            raise self._error("month")
        if len(parts[2]) != 4 or year < 1000:
            raise self._error("year")
        return day, month, year


def day_input() -> forms.DateInput:
    """Return a date input that every browser draws, with or without JavaScript."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def french_date(day: datetime.date) -> str:
    """Write a date in words: ``1er mars 2024``, non-breaking."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}\u00a0{MONTHS[day.month - 1]}\u00a0{day.year}"


def _bound(value: Any) -> datetime.date | None:
    bound: datetime.date | None = value() if callable(value) else value
    return bound
