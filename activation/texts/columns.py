"""The columns and words of the files exchanged with SFR: what makes them clear."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from wagtail.admin.forms import WagtailAdminModelForm

from activation.rules.words import folded

_LACKING = {
    "iccid": "Il manque la colonne ICCID dans les réponses\u00a0: sans elle, une réponse n’est à "
    "personne.",
    "status": "Il manque la colonne Statut dans les réponses\u00a0: sans elle, on ne sait pas ce "
    "que SFR répond.",
}


def problems(
    columns: Sequence[tuple[str, str]],
    answers: Sequence[tuple[str, str]],
    words: Sequence[tuple[str, str]],
    *,
    encoding: str,
) -> list[str]:
    """Return what would make the files unreadable, a sentence each.

    Args:
        columns: heading and data of the file to SFR.
        answers: heading and meaning of the columns of its answers.
        words: word and meaning of the statuses.
        encoding: Python's name of the file's.
    """
    wrong = [
        f"Deux colonnes du fichier transmis s’appellent «\u00a0{one}\u00a0»\u00a0: changez un "
        "titre."
        for one in _twice(heading for heading, _ in columns)
    ]
    if "iccid" not in {source for _, source in columns}:
        wrong.append(
            "Il manque la colonne ICCID dans le fichier transmis\u00a0: ajoutez-la, les réponses "
            "de SFR se reconnaissent à elle."
        )
    wrong += [
        f"«\u00a0{heading}\u00a0» ne s’écrit pas dans l’encodage choisi\u00a0: changez le titre, "
        "ou prenez UTF-8."
        for heading, _ in columns
        if not _fits(heading, encoding)
    ]
    targets = {target for _, target in answers}
    wrong += [sentence for target, sentence in _LACKING.items() if target not in targets]
    wrong += [
        f"Deux colonnes des réponses s’appellent «\u00a0{one}\u00a0»\u00a0: retirez-en une."
        for one in _twice(heading for heading, _ in answers)
    ]
    wrong += [
        f"«\u00a0{one}\u00a0» n’a ni lettre ni chiffre\u00a0: il ne se reconnaît pas. Changez-le."
        for one, _ in (*answers, *words)
        if not folded(one)
    ]
    wrong += [
        f"Le mot «\u00a0{word}\u00a0» a deux sens\u00a0: gardez-en un."
        for word in _ambiguous(words)
    ]
    return wrong


class ExchangeForm(WagtailAdminModelForm):
    """The settings of the files, refused where they contradict themselves."""

    def clean(self) -> dict[str, Any]:
        """Look at the columns and words together: each alone may be right."""
        cleaned: dict[str, Any] = super().clean()
        rows = {
            name: [
                form.cleaned_data
                for form in formset.forms
                if formset.is_valid() and form not in formset.deleted_forms and form.cleaned_data
            ]
            for name, formset in self.formsets.items()
        }
        if all(formset.is_valid() for formset in self.formsets.values()):
            wrong = problems(
                [(one["heading"], one["source"]) for one in rows["columns"]],
                [(one["heading"], one["target"]) for one in rows["answer_columns"]],
                [(one["word"], one["meaning"]) for one in rows["answer_words"]],
                encoding=cleaned.get("encoding", "utf-8"),
            )
            for sentence in wrong:
                self.add_error(None, sentence)
        return cleaned


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _twice(headings: Iterable[str]) -> list[str]:
    """Return each heading that comes again, as it is written the second time."""
    seen: set[str] = set()
    again = []
    for heading in headings:
        if folded(heading) in seen:
            again.append(heading)
        seen.add(folded(heading))
    return again


def _ambiguous(words: Iterable[tuple[str, str]]) -> list[str]:
    meanings = defaultdict(set)
    written = {}
    for word, meaning in words:
        meanings[folded(word)].add(meaning)
        written[folded(word)] = word
    return [written[folded] for folded, found in meanings.items() if len(found) > 1]
