"""What a référent types about sessions."""

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils import timezone

from portal.training.models import TrainingSession
from portal.ui.forms import day_input

LINK = "Une adresse qui commence par https://"


def link_field(**options: Any) -> forms.URLField:
    """Return a field for the address of a video."""
    return forms.URLField(
        assume_scheme="https",
        max_length=500,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=LINK,
        error_messages={"invalid": f"Cette adresse n’est pas complète. {LINK}."},
        **options,
    )


def _time_input() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class SessionForm(forms.Form):
    """A session: one day, from one hour to another, in Paris."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label="Type",
        choices=TrainingSession.Kind.choices,
        help_text="Être présent à une formation à la plateforme ouvre les commandes. Les "
        "webinaires et les temps inspirants sont ouverts à tous.",
    )
    title = forms.CharField(
        label="Titre", max_length=150, error_messages={"required": "Donnez un titre."}
    )
    day = forms.DateField(
        label="Date",
        widget=day_input(),
        error_messages={"required": "Indiquez la date.", "invalid": "Cette date n’existe pas."},
    )
    start = forms.TimeField(
        label="De",
        widget=_time_input(),
        error_messages={
            "required": "Indiquez l’heure de début.",
            "invalid": "Une heure s’écrit 14:30.",
        },
    )
    end = forms.TimeField(
        label="À",
        widget=_time_input(),
        error_messages={
            "required": "Indiquez l’heure de fin.",
            "invalid": "Une heure s’écrit 14:30.",
        },
    )
    video_link = link_field(label="Lien de la visioconférence")
    seats = forms.IntegerField(
        label="Places",
        min_value=1,
        max_value=1000,
        error_messages={
            "required": "Indiquez le nombre de places.",
            "min_value": "Une session a au moins une place.",
            "max_value": "1\u00a0000 places au plus.",
        },
    )
    trainer = forms.CharField(
        label="Animée par",
        max_length=150,
        error_messages={"required": "Dites qui anime la session."},
    )
    description = forms.CharField(
        label="Description", max_length=3000, required=False, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, *args: Any, session: TrainingSession | None = None, **kwargs: Any) -> None:
        """Show a session's own values, where there is one."""
        if session:
            start, end = (timezone.localtime(at) for at in (session.starts_at, session.ends_at))
            names = ("kind", "title", "video_link", "seats", "trainer", "description")
            kwargs["initial"] = {name: getattr(session, name) for name in names} | {
                "day": start.date(),
                "start": start.time(),
                "end": end.time(),
            }
        super().__init__(*args, **kwargs)
        if session:
            del self.fields["kind"]  # people registered for what it was

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        typed: dict[str, Any] = super().clean() or {}
        start, end = typed.get("start"), typed.get("end")
        if start and end and end <= start:
            self.add_error("end", "La session finit avant d’avoir commencé.")
        return typed

    @property
    def values(self) -> dict[str, Any]:
        """Return the session's fields, in aware times."""
        typed = dict(self.cleaned_data)
        day, start, end = (typed.pop(name) for name in ("day", "start", "end"))
        moments = {
            name: timezone.make_aware(dt.datetime.combine(day, hour))
            for name, hour in (("starts_at", start), ("ends_at", end))
        }
        return typed | moments


class ReplayForm(forms.Form):
    """Where the recording is."""

    use_required_attribute = False

    link = link_field(label="Lien de la rediffusion", required=False)
