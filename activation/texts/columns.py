"""The columns of the files exchanged with SFR: what makes them clear, and an example of them."""

import csv
import datetime as dt
import io
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from wagtail.admin.forms import WagtailAdminModelForm

#: Nobody's data, for the preview; the dates are written in the chosen format.
INVENTED: dict[str, str | dt.date] = {
    "reference": "3F2A-91BC",
    "iccid": "89331059970000209012",
    "civility": "Madame",
    "last_name": "Exemple",
    "first_name": "Camille",
    "birth_date": dt.date(1985, 12, 31),
    "birth_department": "59",
    "birth_country": "",
    "portability": "oui",
    "current_number": "0612345678",
    "rio": "01P9EXEMP7H5",
    "contact_phone": "0698765432",
}
_LACKING = {
    "iccid": "Il manque la colonne ICCID dans les réponses\u00a0: sans elle, une réponse n’est à "
    "personne.",
    "status": "Il manque la colonne Statut dans les réponses\u00a0: sans elle, on ne sait pas ce "
    "que SFR répond.",
}


class Column(Protocol):
    """A column of the file to SFR."""

    source: str
    heading: str


def fold(heading: str) -> str:
    """Return a heading as files are compared: without case, accents or double spaces."""
    plain = unicodedata.normalize("NFKD", heading.casefold())
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).split())


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
        f"Le mot «\u00a0{word}\u00a0» a deux sens\u00a0: gardez-en un."
        for word in _ambiguous(words)
    ]
    return wrong


def example(
    columns: Iterable[Column], *, separator: str, date_format: str
) -> tuple[str, list[tuple[str, str]]]:
    """Return the beginning of a file with an invented request, as CSV and as pairs.

    Args:
        columns: in their order.
        separator: of the CSV.
        date_format: as `datetime.date.strftime` takes it.
    """
    pairs = [(one.heading, _cell(INVENTED[one.source], date_format)) for one in columns]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerows([[heading for heading, _ in pairs], [text for _, text in pairs]])
    return out.getvalue(), pairs


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


def _cell(value: str | dt.date, date_format: str) -> str:
    return value if isinstance(value, str) else value.strftime(date_format)


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
        if fold(heading) in seen:
            again.append(heading)
        seen.add(fold(heading))
    return again


def _ambiguous(words: Iterable[tuple[str, str]]) -> list[str]:
    meanings = defaultdict(set)
    written = {}
    for word, meaning in words:
        meanings[fold(word)].add(meaning)
        written[fold(word)] = word
    return [written[folded] for folded, found in meanings.items() if len(found) > 1]
