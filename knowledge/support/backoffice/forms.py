"""What the team fills in on a request's page."""

import uuid
from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet

from knowledge.support.forms import body_field, files_field
from knowledge.support.models import CannedAnswer
from portal.accounts.models import User


class AnswerForm(forms.Form):
    """An answer to the structure."""

    use_required_attribute = False

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    body = body_field(
        label="Réponse à la structure",
        help_text="La structure la lit dans Mon compte\u00a0; l’e-mail qui la prévient ne la "
        "contient pas.",
    )
    attached = files_field()
    solves = forms.BooleanField(
        label="La demande est résolue", required=False, help_text="La structure peut la rouvrir."
    )


class CannedForm(forms.Form):
    """Which text to insert into the answer."""

    canned = forms.ModelChoiceField(
        CannedAnswer.objects.all(),
        label="Réponse type",
        required=False,
        empty_label="Choisissez",
        error_messages={"invalid_choice": "Cette réponse type n’existe plus."},
    )


class NoteForm(forms.Form):
    """Something for the team alone."""

    use_required_attribute = False

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    body = body_field(label="Note interne", help_text="L’équipe seule la lit.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make the box small: a note is a line or two."""
        super().__init__(*args, **kwargs)
        self.fields["body"].widget.attrs["rows"] = 3


class AssignForm(forms.Form):
    """Who follows the request."""

    use_required_attribute = False

    to = forms.ModelChoiceField(
        User.objects.none(),
        label="Confier à",
        to_field_name="uuid",
        empty_label="Choisissez",
        error_messages={
            "required": "Choisissez à qui confier la demande.",
            "invalid_choice": "Cette personne ne répond pas aux demandes.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """List who may answer."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        field.queryset = answerers()


def answerers() -> "QuerySet[User]":
    """Return who may answer requests, by role."""
    wanted = Permission.objects.filter(
        content_type__app_label="support", codename="answer_supportrequest"
    )
    may = Q(groups__permissions__in=wanted)
    return User.objects.filter(may, is_active=True).distinct().order_by("last_name", "first_name")
