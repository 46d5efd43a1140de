"""Importing questions of the FAQ: shown first, then written as drafts that wait for a modérateur.

Columns: theme, question, reponse, mots. A line is a *draft to come*; *known*, when a question has
the same words (accents, capitals and punctuation aside), published or not, or stands higher in
the file; or *refused*, with the reason. What is known is left as it is. The answer is plain text,
or the little of Markdown that `knowledge.writing` knows; nothing in it can become HTML.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from knowledge import search, writing
from knowledge.models import FaqFile, FaqQuestion, FaqTheme
from portal.accounts.models import User
from portal.privacy.services import record
from portal.sheets.reading import UnreadableFile, read
from portal.ui.errors import DomainError

MAX_BYTES = 2_000_000
MAX_LINES = 1_000
MAX_ANSWER = 10_000  # characters
COLUMNS = {
    "theme": ("theme", "rubrique", "categorie"),
    "question": ("question", "titre"),
    "answer": ("reponse", "answer", "texte"),
    "keywords": ("mots", "autres mots", "mots cles", "motscles"),
}
NEEDED = {"theme": "theme", "question": "question", "answer": "reponse"}
_LOCK = 4_006_001  # of PostgreSQL's advisory locks: one import of questions at a time
_ADDRESS = re.compile(r"\]\(([^)\s]+)\)")
_HARMLESS = re.compile(r"(?:/(?!/)|https?://|mailto:|tel:)", re.IGNORECASE)


class Outcome(StrEnum):
    """What becomes of a line."""

    DRAFT = "draft"
    KNOWN = "known"
    REFUSED = "refused"


#: On screen: one, several.
WORDS = {
    Outcome.DRAFT: ("brouillon", "brouillons"),
    Outcome.KNOWN: ("déjà connue", "déjà connues"),
    Outcome.REFUSED: ("refusée", "refusées"),
}


class ImportRefused(DomainError):
    """The file brings nothing."""

    default_message = "Aucune ligne de ce fichier n’est une nouvelle question."


@dataclass
class Line:
    """A line of the file, and what becomes of it."""

    number: int
    question: str
    outcome: Outcome
    why: str = ""
    made: FaqQuestion | None = None
    pk: int | None = None  # of the draft, once it is written

    @property
    def word(self) -> str:
        """Its outcome on screen."""
        return WORDS[self.outcome][0]


@dataclass
class Plan:
    """What a file would do."""

    lines: list[Line]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Each outcome in a word, and its lines."""
        counted = Counter(line.outcome for line in self.lines)
        return [(WORDS[one][counted[one] > 1], counted[one]) for one in Outcome]

    @property
    def new(self) -> list[Line]:
        """The lines that become drafts."""
        return [line for line in self.lines if line.outcome == Outcome.DRAFT]


def upload(*, by: User, name: str, file: BinaryIO) -> FaqFile:
    """Keep a file until it is imported; one's older ones that were not are forgotten.

    Raises:
        UnreadableFile: it is no table of questions.
    """
    plan(file)
    file.seek(0)
    FaqFile.objects.filter(by=by, imported_at__isnull=True).delete()
    return FaqFile.objects.create(by=by, name=name[:200], content=file.read())


def plan(file: BinaryIO) -> Plan:
    """Return what a file would do now, in two queries.

    Raises:
        UnreadableFile: it is no table, is empty, too long, or lacks a column.
    """
    themes: dict[str, FaqTheme] = {}
    for theme in FaqTheme.objects.all():
        themes |= {_bare(theme.name): theme, _bare(theme.slug): theme}
    known = {_bare(one): "" for one in FaqQuestion.objects.values_list("question", flat=True)}
    lines = [_line(number, cells, themes, known) for number, cells in _cells(file)]
    if not lines:
        raise UnreadableFile("Ce fichier n’a que sa ligne de titres\u00a0: aucune question.")
    return Plan(lines)


@transaction.atomic
def commit(*, by: User, file: FaqFile) -> FaqFile:
    """Write the questions of a file as drafts; one that was imported is left as it is.

    Raises:
        ImportRefused: every line is refused or known.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    row = FaqFile.objects.select_for_update().get(pk=file.pk)
    if row.imported_at:
        return row
    made = plan(io.BytesIO(bytes(row.content)))
    if not made.new:
        raise ImportRefused
    for line in made.new:
        line.pk = _write(by, line)
    row.report = [
        [one.number, one.question, str(one.outcome), one.why, one.pk] for one in made.lines
    ]
    row.content, row.imported_at = b"", timezone.now()
    row.save(update_fields=["report", "content", "imported_at"])
    record(by=by, action="knowledge.faq_imported", target=row, created=len(made.new))
    return row


def _write(by: User, line: Line) -> int:
    question = line.made
    if question is None:
        raise ImportRefused
    question.full_clean()
    question.save()
    question.save_revision(user=by, log_action=True)
    return question.pk


def report(file: FaqFile) -> Plan:
    """Return what a file did, or would do now."""
    if not file.imported_at:
        return plan(io.BytesIO(bytes(file.content)))
    return Plan(
        [
            Line(number, question, Outcome(outcome), why, pk=pk)
            for number, question, outcome, why, pk in file.report
        ]
    )


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", search.plain(text)))


def _line(
    number: int, cells: dict[str, str], themes: dict[str, FaqTheme], known: dict[str, str]
) -> Line:
    question = writing.typeset(" ".join(cells["question"].split()))
    mark = _bare(question)
    if why := _refusal(cells, question, themes):
        return Line(number, question[:200], Outcome.REFUSED, why)
    if mark in known:
        return Line(number, question, Outcome.KNOWN, known[mark] or "La FAQ a déjà cette question.")
    known[mark] = f"La même question est à la ligne {number}."
    made = FaqQuestion(
        theme=themes[_bare(cells["theme"])],
        question=question,
        answer=writing.rich(cells["answer"]),
        keywords=writing.typeset(cells["keywords"]),
        live=False,
        has_unpublished_changes=True,
    )
    return Line(number, question, Outcome.DRAFT, made=made)


def _refusal(cells: dict[str, str], question: str, themes: dict[str, FaqTheme]) -> str:
    """Return why a line is refused; empty when it is not."""
    links = _ADDRESS.findall(cells["answer"])
    names = ", ".join(f"«\u00a0{name}\u00a0»" for name in {one.name: 0 for one in themes.values()})
    wrong = (
        (not question, "La question manque."),
        (len(question) > 200, "La question dépasse 200 caractères."),
        (not _bare(question), "La question n’a ni lettre ni chiffre."),
        (not cells["answer"], "La réponse manque."),
        (len(cells["answer"]) > MAX_ANSWER, f"La réponse dépasse {MAX_ANSWER} caractères."),
        (len(cells["keywords"]) > 300, "Les autres mots dépassent 300 caractères."),
        (not cells["theme"], "Le thème manque."),
        (_bare(cells["theme"]) not in themes, f"Ce thème n’existe pas. Les thèmes\u00a0: {names}."),
        (
            not all(_HARMLESS.match(link) for link in links),
            "Un lien ne commence ni par / ni par http(s)://, mailto: ou tel:.",
        ),
    )
    return next((why for is_so, why in wrong if is_so), "")


def _cells(file: BinaryIO) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the lines of the file by the names of `COLUMNS`; empty ones are passed over."""
    header: dict[str, int] | None = None
    for count, (number, cells) in enumerate(read(file, max_bytes=MAX_BYTES)):
        if count > MAX_LINES:
            raise UnreadableFile(
                f"Ce fichier compte plus de {MAX_LINES} lignes. Coupez-le en plusieurs fichiers."
            )
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells)
            continue
        found = dict.fromkeys(COLUMNS, "")
        for name, place in header.items():
            if place < len(cells):
                found[name] = cells[place].replace("\0", "").replace("\r\n", "\n").strip()
        yield number, found


def _header(cells: list[str]) -> dict[str, int]:
    titles = [_bare(cell) for cell in cells]
    found = {
        name: titles.index(title)
        for name, names in COLUMNS.items()
        for title in names[::-1]
        if title in titles
    }
    missing = [label for name, label in NEEDED.items() if name not in found]
    if missing:
        raise UnreadableFile(
            f"La première ligne doit nommer les colonnes. Il manque\u00a0: {', '.join(missing)}."
        )
    return found
