"""Importing places that one can send people to: shown first, then written whole, once.

A line is *created*; *to complete*, which is created too but lacks something that the public page
would show; *known*, when a structure has its SIRET, its RNA number, or its name and postcode; or
*refused*, with the reason. What is known is left as it is: a file never overwrites what somebody
keeps by hand, and the same file twice creates nothing.
"""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.portfolio.models import PlacesFile
from portal.portfolio.rows import check
from portal.portfolio.search import plain
from portal.portfolio.services import PortfolioRefused
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry, record
from portal.sheets.reading import UnreadableFile, read
from portal.structures.models import Structure, StructureEvent

MAX_BYTES = 5_000_000
MAX_LINES = 20_000
#: Names of the columns, and what other files call them, without accents and punctuation.
COLUMNS = {
    "nom": ("nom", "name", "nom du lieu", "structure"),
    "type": ("type", "typologie"),
    "adresse": ("adresse", "voie"),
    "code_postal": ("code postal", "cp", "codepostal"),
    "commune": ("commune", "ville"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng", "long"),
    "siret": ("siret",),
    "rna": ("rna",),
    "telephone": ("telephone", "tel"),
    "email": ("email", "e mail", "courriel", "courriels", "mail"),
    "site": ("site", "site web", "site internet"),
    "horaires": ("horaires",),
}
NEEDED = ("nom", "code_postal", "commune")
_LOCK = 4_002_001  # of PostgreSQL's advisory locks: one import of places at a time


class Outcome(StrEnum):
    """What becomes of a line."""

    CREATED = "created"
    TO_COMPLETE = "to_complete"
    KNOWN = "known"
    REFUSED = "refused"


#: On screen: one, several.
WORDS = {
    Outcome.CREATED: ("créée", "créées"),
    Outcome.TO_COMPLETE: ("créée, à compléter", "créées, à compléter"),
    Outcome.KNOWN: ("déjà connue", "déjà connues"),
    Outcome.REFUSED: ("refusée", "refusées"),
}


@dataclass
class Line:
    """A line of the file, and what becomes of it."""

    number: int
    name: str
    outcome: Outcome
    why: str = ""
    values: dict[str, Any] | None = None
    structure: str = ""  # public identifier, once it is known

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
        """The lines that become structures."""
        return [line for line in self.lines if line.outcome in _NEW]


_NEW = {Outcome.CREATED, Outcome.TO_COMPLETE}


def upload(*, by: User, name: str, file: BinaryIO) -> PlacesFile:
    """Keep a file until it is imported; one's older ones that were not are forgotten.

    Raises:
        UnreadableFile: it is no table of places.
    """
    plan(file)
    file.seek(0)
    PlacesFile.objects.filter(by=by, imported_at__isnull=True).delete()
    return PlacesFile.objects.create(by=by, name=name[:200], content=file.read())


def plan(file: BinaryIO) -> Plan:
    """Return what a file would do now.

    Raises:
        UnreadableFile: it is no table, is empty, too long, or lacks a column.
    """
    known = _Known()
    lines = [_line(number, cells, known) for number, cells in _cells(file)]
    if not lines:
        raise UnreadableFile("Ce fichier n’a que sa ligne de titres\u00a0: aucun lieu.")
    return Plan(lines)


@transaction.atomic
def commit(*, by: User, file: PlacesFile) -> PlacesFile:
    """Write the places of a file; one that was imported is left as it is.

    They are candidates that the public list shows, followed by whoever imports them.

    Raises:
        PortfolioRefused: every line is refused or known.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    row = PlacesFile.objects.select_for_update().get(pk=file.pk)
    if row.imported_at:
        return row
    made = plan(io.BytesIO(bytes(row.content)))
    if not made.new:
        raise PortfolioRefused("Aucune ligne de ce fichier n’est un nouveau lieu.")
    structures = Structure.objects.bulk_create(
        (Structure(**(line.values or {}), is_listed=True, account_manager=by) for line in made.new),
        batch_size=1_000,
    )
    for line, structure in zip(made.new, structures, strict=True):
        line.structure = str(structure.uuid)
    _log(by, structures)
    row.report = [
        [one.number, one.name, str(one.outcome), one.why, one.structure] for one in made.lines
    ]
    row.content, row.imported_at = b"", timezone.now()
    row.save(update_fields=["report", "content", "imported_at"])
    record(by=by, action="portfolio.places_imported", target=row, created=len(structures))
    return row


def report(file: PlacesFile) -> Plan:
    """Return what a file did, or would do now."""
    if not file.imported_at:
        return plan(io.BytesIO(bytes(file.content)))
    return Plan(
        [
            Line(number, name, Outcome(outcome), why, structure=structure)
            for number, name, outcome, why, structure in file.report
        ]
    )


def _log(by: User, structures: list[Structure]) -> None:
    StructureEvent.objects.bulk_create(
        (
            StructureEvent(
                structure=one, subject="structure", subject_id=str(one.pk), now=one.state, by=by
            )
            for one in structures
        ),
        batch_size=1_000,
    )
    AuditEntry.objects.bulk_create(
        (entry(by=by, action="structures.imported", target=one) for one in structures),
        batch_size=1_000,
    )


class _Known:
    """Structures and earlier lines, by what they are recognised by."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], str] = {}
        columns = ("uuid", "name", "postcode", "siret", "rna")
        for uuid, name, postcode, siret, rna in Structure.objects.values_list(*columns):
            self.add(str(uuid), name, postcode, siret, rna)

    def add(self, who: str, name: str, postcode: str, siret: str, rna: str) -> None:
        for mark in self._marks(name, postcode, siret, rna):
            self.places.setdefault(mark, who)

    def find(self, name: str, postcode: str, siret: str, rna: str) -> str | None:
        marks = self._marks(name, postcode, siret, rna)
        return next((self.places[mark] for mark in marks if mark in self.places), None)

    @staticmethod
    def _marks(name: str, postcode: str, siret: str, rna: str) -> list[tuple[str, str]]:
        marks = [("siret", siret), ("rna", rna), (plain(name), postcode)]
        return [(kind, value) for kind, value in marks if kind and value]


def _line(number: int, cells: dict[str, str], known: _Known) -> Line:
    row = check(cells)
    values = row.values
    name = values["name"][:200]
    if row.refused:
        return Line(number, name, Outcome.REFUSED, row.refused)
    marks = (values["name"], values["postcode"], values["siret"], values["rna"])
    there = known.find(*marks)
    if there and there.startswith("line "):
        why = f"Même lieu que la ligne\u00a0{there.removeprefix('line ')}."
        return Line(number, name, Outcome.KNOWN, why)
    if there:
        return Line(number, name, Outcome.KNOWN, structure=there)
    known.add(f"line {number}", *marks)
    if row.lacks:
        why = f"Manque\u00a0: {', '.join(row.lacks)}."
        return Line(number, name, Outcome.TO_COMPLETE, why, values)
    return Line(number, name, Outcome.CREATED, values=values)


def _cells(file: BinaryIO) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the lines of the file by the names of `COLUMNS`; empty ones are passed over."""
    rows = read(file, max_bytes=MAX_BYTES)
    header: dict[str, int] | None = None
    for count, (number, cells) in enumerate(rows):
        if count > MAX_LINES:
            raise UnreadableFile(
                f"Ce fichier compte plus de {MAX_LINES} lignes. Coupez-le en plusieurs fichiers."
            )
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells)
            continue
        yield (
            number,
            {
                name: cells[place].replace("\0", "").strip() if place < len(cells) else ""
                for name, place in header.items()
            },
        )


def _header(cells: list[str]) -> dict[str, int]:
    titles = [plain(cell) for cell in cells]
    found = {
        name: titles.index(title)
        for name, names in COLUMNS.items()
        for title in names[::-1]
        if title in titles
    }
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise UnreadableFile(
            f"La première ligne doit nommer les colonnes. Il manque\u00a0: {', '.join(missing)}."
        )
    return found
