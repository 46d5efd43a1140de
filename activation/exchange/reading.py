"""A file of SFR's answers, line by line: its columns and its words are those that are set up."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.views.decorators.debug import sensitive_variables

from activation.exchange.verdicts import Answer
from activation.models import AnswerColumn, ExchangeFormat
from activation.rules.words import folded
from portal.sheets import reading
from portal.sheets.reading import UnreadableFile

MAX_BYTES = 10_000_000
MAX_LINES = 20_000
#: Characters of a cell that a sentence quotes.
_QUOTED = 40
_Target = AnswerColumn.Target
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d%m%Y")


@dataclass(frozen=True, repr=False)
class Line:
    """An answer and where it stands in the file."""

    number: int
    answer: Answer


@sensitive_variables()
def read(file: BinaryIO) -> list[Line]:
    """Return the answers of a CSV or XLSX file.

    A line that cannot be understood is there too, with the sentence that says why.

    Args:
        file: seekable, opened in binary.

    Raises:
        UnreadableFile: no spreadsheet, too long, without the columns it needs, or without a line.
    """
    layout = ExchangeFormat.load()
    words = {folded(str(one.word)): one.meaning for one in layout.answer_words.all()}
    places: dict[_Target, list[int]] = {}
    lines: list[Line] = []
    for number, cells in reading.read(file, max_bytes=MAX_BYTES):
        if not any(cell.strip() for cell in cells):
            continue
        if not places:
            places = _places(cells, layout)
            continue
        if len(lines) == MAX_LINES:
            raise UnreadableFile(
                "Ce fichier compte plus de 20\u00a0000 lignes. Coupez-le en plusieurs fichiers."
            )
        lines.append(Line(number, _answer(_picked(cells, places), words)))
    if not lines:
        raise UnreadableFile("Ce fichier n’a aucune ligne sous ses titres de colonnes.")
    return lines


def _places(cells: Sequence[str], layout: ExchangeFormat) -> dict[_Target, list[int]]:
    """Return where each thing stands, by the headings; several columns may give the same."""
    columns = list(layout.answer_columns.all())
    known = {folded(str(one.heading)): _Target(one.target) for one in columns}
    places: dict[_Target, list[int]] = {}
    for index, cell in enumerate(cells):
        target = known.get(folded(cell))
        if target:
            places.setdefault(target, []).append(index)
    missing = [target for target in (_Target.ICCID, _Target.STATUS) if target not in places]
    if missing:
        names = " et ".join(f"«\u00a0{target.label}\u00a0»" for target in missing)
        read_as = ", ".join(str(one.heading) for one in columns if one.target in missing)
        raise UnreadableFile(
            f"Il manque la colonne {names} à la première ligne du fichier. Titres reconnus\u00a0: "
            f"{read_as or 'aucun'}. Renommez la colonne, ou ajoutez son titre aux réglages de "
            "l’échange avec SFR."
        )
    return places


def _picked(cells: Sequence[str], places: Mapping[_Target, list[int]]) -> dict[_Target, str]:
    """Return what a line gives: the first filled cell of the columns that mean the same."""
    filled = {index: cell.strip() for index, cell in enumerate(cells) if cell.strip()}
    return {
        target: next((filled[index] for index in indexes if index in filled), "")
        for target, indexes in places.items()
    }


def _answer(found: Mapping[_Target, str], words: Mapping[str, str]) -> Answer:
    status, day = found.get(_Target.STATUS, ""), found.get(_Target.PORTING_ON, "")
    meaning, porting_on = words.get(folded(status), ""), _day(day)
    problem = ""
    if status and not meaning:
        problem = (
            f"Le statut «\u00a0{status[:_QUOTED]}\u00a0» n’est pas connu\u00a0: corrigez-le, ou "
            "ajoutez ce mot aux réglages de l’échange avec SFR."
        )
    elif day and porting_on is None:
        problem = (
            f"La date «\u00a0{day[:_QUOTED]}\u00a0» ne se lit pas\u00a0: écrivez-la comme "
            "31/12/2026."
        )
    return Answer(
        iccid=found.get(_Target.ICCID, ""),
        meaning=meaning,
        line_number=found.get(_Target.LINE_NUMBER, ""),
        reason=found.get(_Target.REASON, ""),
        porting_on=porting_on,
        problem=problem,
    )


def _day(text: str) -> dt.date | None:
    day = text.replace("T", " ").split(" ")[0]  # a moment is its day
    for form in _DATES:
        try:
            return dt.datetime.strptime(day, form).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
    return None
