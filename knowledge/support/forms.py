"""What a member fills in: the question, then the files with a last look; later messages."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from knowledge.support import files as attachments
from knowledge.support.models import BODY_LENGTH, TITLE_LENGTH, Subject
from knowledge.support.numbers import has_long_number
from knowledge.support.services import Question
from portal.structures import about
from portal.structures.models import Membership
from portal.ui.errors import DomainError

_PRIVATE = (
    "N’écrivez ni numéro de recharge, ni nom ou téléphone d’un bénéficiaire\u00a0: la référence de "
    "la commande ou de la demande nous suffit."
)


class FilesInput(forms.FileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files, or none, checked by what they hold."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files that passed.

        Raises:
            ValidationError: one did not, or there are too many.
        """
        given: Sequence[UploadedFile] = data if isinstance(data, list | tuple) else [data]
        try:
            return attachments.check([one for one in given if one])
        except DomainError as error:
            raise forms.ValidationError(error.message, code=error.code) from error


def files_field() -> FilesField:
    """Return the field of a message's files."""
    return FilesField(
        label="Pièces jointes",
        help_text="Trois fichiers au plus\u00a0: PDF, ou photo ou capture d’écran en JPEG ou PNG, "
        "de 10\u00a0Mo chacun. Cachez les noms et les numéros.",
        required=False,
        widget=FilesInput({"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/*"}),
    )


def body_field(**fields: Any) -> forms.CharField:
    """Return the field of a message."""
    return forms.CharField(
        max_length=BODY_LENGTH,
        widget=forms.Textarea({"rows": 7}),
        error_messages={
            "required": "Écrivez votre message.",
            "max_length": f"Votre message dépasse {BODY_LENGTH}\u00a0caractères\u00a0: "
            "raccourcissez-le.",
        },
        **fields,
    )


class QuestionForm(forms.Form):
    """What is asked."""

    use_required_attribute = False  # The errors are ours, in the summary.

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    subject = forms.ChoiceField(
        label="Votre demande concerne",
        choices=[("", "Choisissez"), *Subject.choices],
        error_messages={
            "required": "Choisissez ce que votre demande concerne.",
            "invalid_choice": "Choisissez dans la liste ce que votre demande concerne.",
        },
    )
    about = forms.ChoiceField(
        label="Elle se rapporte à",
        required=False,
        error_messages={
            "invalid_choice": "Ce que vous avez choisi n’est plus disponible\u00a0: choisissez "
            "autre chose, ou rien."
        },
    )
    title = forms.CharField(
        label="En une phrase",
        max_length=TITLE_LENGTH,
        help_text="Par exemple «\u00a0La recharge est refusée\u00a0».",
        error_messages={
            "required": "Dites en une phrase ce qui se passe.",
            "max_length": f"{TITLE_LENGTH}\u00a0caractères au plus\u00a0: le détail va dans le "
            "message.",
        },
    )
    body = body_field(label="Votre message", help_text=_PRIVATE)

    def __init__(self, data: Any = None, *, member: Membership, pointed: str = "") -> None:
        """Build the form; ``pointed`` is what the page before points at, as ``kind:uuid``."""
        super().__init__(data, initial={"about": pointed})
        wanted = (data or {}).get("about", "") or pointed
        field: Any = self.fields["about"]
        field.choices = _about_choices(member, wanted)

    def question(self) -> Question:
        """Return what is asked; the form is valid."""
        data = self.cleaned_data
        kind, _, key = data["about"].partition(":")
        return Question(
            subject=data["subject"],
            title=data["title"],
            body=data["body"],
            about_kind=kind,
            about_uuid=uuid.UUID(key) if key else None,
        )

    @property
    def has_long_number(self) -> bool:
        """Whether what was typed holds a number that has no place there."""
        return has_long_number(self.cleaned_data["title"], self.cleaned_data["body"])


def _about_choices(member: Membership, wanted: str) -> list[Any]:
    """Return the newest things of each kind, and the one wanted where it is older."""
    groups = [
        (label, [(f"{kind}:{one.uuid}", one.label) for one in things])
        for kind, label, things in about.choices(member)
    ]
    known = {value for _, options in groups for value, _ in options}
    first: list[Any] = [("", "Rien en particulier")]
    if wanted and wanted not in known:
        kind, _, key = wanted.partition(":")
        thing = about.resolve(kind, _uuid(key), structure=member.structure_id)
        first += [(wanted, thing.label)] if thing else []
    return first + groups


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class _Careful(forms.Form):
    """Files, and a question where the text holds a long number."""

    use_required_attribute = False

    def __init__(self, *args: Any, asks: bool = False, **kwargs: Any) -> None:
        """Build the form; ``asks`` wants the box about numbers ticked."""
        super().__init__(*args, **kwargs)
        if asks:
            self.fields["sure"] = forms.BooleanField(
                label="J’ai vérifié\u00a0: ce n’est ni un numéro de recharge, ni une carte SIM, ni "
                "le téléphone d’un bénéficiaire",
                error_messages={
                    "required": "Retirez ce numéro de votre message, ou cochez la case s’il peut y "
                    "rester."
                },
            )


class SendForm(_Careful):
    """The last look before sending."""

    attached = files_field()


class ReplyForm(_Careful):
    """Another message in a thread."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    body = body_field(label="Votre message", help_text=_PRIVATE)
    attached = files_field()
