"""The words that a référent edits: reasons, SMS and e-mails."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from activation.languages import Language
from activation.states import State
from activation.texts import emails, sms, variables

if TYPE_CHECKING:
    from collections.abc import Callable


def _clean(row: models.Model, **cleaners: "Callable[[str], str]") -> None:
    """Tidy each field with its function; every fault is told under its field."""
    wrong = {}
    for name, clean in cleaners.items():
        try:
            setattr(row, name, clean(getattr(row, name)))
        except ValidationError as error:
            wrong[name] = error
    if wrong:
        raise ValidationError(wrong)


def _plain(text: str) -> str:
    """Return ``text``, which takes no variable."""
    wrong = variables.problems(text, {})
    if wrong:
        raise ValidationError(wrong)
    return text.replace("\r\n", "\n").strip()


class Reason(models.Model):
    """A reason that operators choose rather than type: what the structure reads."""

    class Kind(models.TextChoices):
        TO_CORRECT = State.TO_CORRECT.value, "À corriger"
        REFUSED = State.REFUSED.value, "Refus"

    kind = models.CharField("pour", max_length=20, choices=Kind)
    label = models.CharField("intitulé", max_length=80, help_text="Ce que l’opérateur choisit.")
    text = models.TextField("texte", max_length=500, help_text="Ce que lit la structure.")
    is_active = models.BooleanField("proposé", default=True)
    sort_order = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "motif"
        verbose_name_plural = "motifs"
        ordering = ("kind", "sort_order", "label")
        default_permissions = ("view", "add", "change", "delete")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "label"),
                name="activation_reason_label",
                violation_error_message="Ce motif existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=sorted({State.TO_CORRECT, State.REFUSED})),
                name="activation_reason_kind",
                violation_error_message="Un motif sert à corriger ou à refuser.",
            ),
        )

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuse variables: this text is read as it is."""
        _clean(self, label=_plain, text=_plain)


class SmsText(models.Model):
    """The SMS of an activated line, in one language."""

    language = models.CharField("langue", max_length=8, choices=Language, unique=True)
    body = models.TextField("texte")

    class Meta:
        verbose_name = "SMS d’activation"
        verbose_name_plural = "SMS d’activation"
        ordering = ("pk",)
        default_permissions = ("change",)

    def __str__(self) -> str:
        return self.get_language_display()

    def clean(self) -> None:
        """Refuse a message that lacks a number, or would not be one SMS."""
        _clean(self, body=sms.clean)


class EmailText(models.Model):
    """The e-mail to the partner when a request reaches a state."""

    class Moment(models.TextChoices):
        ACTIVATED = State.ACTIVATED.value, "Ligne activée"
        TO_CORRECT = State.TO_CORRECT.value, "Demande à corriger"
        REFUSED = State.REFUSED.value, "Demande refusée"
        PORTING = State.PORTING.value, "Portabilité en cours"

    moment = models.CharField("quand", max_length=20, choices=Moment, unique=True)
    subject = models.CharField("objet", max_length=120)
    body = models.TextField("texte", max_length=2000)

    class Meta:
        verbose_name = "e-mail d’activation"
        verbose_name_plural = "e-mails d’activation"
        ordering = ("pk",)
        default_permissions = ("change",)

    def __str__(self) -> str:
        return self.get_moment_display()

    def clean(self) -> None:
        """Refuse variables that do not exist."""
        _clean(self, subject=emails.clean, body=emails.clean)
