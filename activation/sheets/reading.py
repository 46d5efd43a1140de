"""From a file to its lines: cells by the name of their column, nothing judged yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from django.views.decorators.debug import sensitive_variables

from activation.rules.words import folded
from activation.sheets.cells import tidy
from activation.sheets.columns import COLUMNS, EXAMPLE, Column
from portal.sheets.reading import UnreadableFile, read

MAX_LINES = 200
MAX_BYTES = 2_000_000
#: Before a line that explains, and asks for nothing.
COMMENT = "#"
#: The name under which a line keeps what stands beyond its last heading.
BEYOND = ""


@dataclass(frozen=True, repr=False)
class Table:
    """What a file says. No ``repr``: it holds persons' data.

    Attributes:
        lines: number as the sender's program shows it, and cells by field.
        unknown: headings that mean nothing here.
        example: the number of the model's own line, which is left out.
    """

    lines: list[tuple[int, dict[str, str]]]
    unknown: list[str]
    example: int | None = None


@sensitive_variables()
def read_table(file: BinaryIO) -> Table:
    """Return the lines of a CSV or XLSX file.

    Raises:
        UnreadableFile: no spreadsheet, too big, over 200 lines, none at all, or a column lacks.
    """
    rows = (
        (number, [tidy(cell) for cell in cells])
        for number, cells in read(file, max_bytes=MAX_BYTES)
        if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith(COMMENT)
    )
    _, headings = next(rows, (0, []))
    columns = _columns(headings)
    lines: list[tuple[int, dict[str, str]]] = []
    example = None
    for number, cells in rows:
        values = _values(columns, cells)
        if _is_example(values):
            example = number
        elif len(lines) == MAX_LINES:
            raise UnreadableFile(
                f"Ce fichier compte plus de {MAX_LINES}\u00a0lignes. Coupez-le en plusieurs "
                f"fichiers de {MAX_LINES}\u00a0lignes au plus."
            )
        else:
            lines.append((number, values))
    if not lines:
        raise UnreadableFile(
            "Ce fichier ne contient aucune demande\u00a0: écrivez-en une par ligne, sous les "
            "titres des colonnes."
        )
    unknown = [name for name, column in zip(headings, columns, strict=True) if name and not column]
    return Table(lines, unknown, example)


def _columns(headings: Iterable[str]) -> list[Column | None]:
    """Return what each heading means, in the order of the file."""
    found = [next((one for one in COLUMNS if one.means(name)), None) for name in headings]
    named = [column for column in found if column]
    if len(named) < 2:
        raise UnreadableFile(
            "La première ligne doit porter les titres des colonnes, comme dans le modèle. "
            "Téléchargez le modèle et recopiez-les."
        )
    twice = next((one for one in named if named.count(one) > 1), None)
    if twice:
        raise UnreadableFile(
            f"La colonne «\u00a0{twice.heading}\u00a0» est deux fois dans le fichier\u00a0: "
            "gardez-en une."
        )
    missing = [one.heading for one in COLUMNS if one.needed and one not in named]
    if missing:
        listed = ", ".join(f"«\u00a0{name}\u00a0»" for name in missing)
        raise UnreadableFile(
            f"Il manque {'ces colonnes' if len(missing) > 1 else 'cette colonne'}\u00a0: {listed}. "
            "Les titres sont ceux du modèle."
        )
    return found


def _values(columns: list[Column | None], cells: list[str]) -> dict[str, str]:
    values = {
        column.field: cell for column, cell in zip(columns, cells, strict=False) if column and cell
    }
    beyond = " ".join(cell for cell in cells[len(columns) :] if cell)
    return {**values, BEYOND: beyond} if beyond else values


def _is_example(values: dict[str, str]) -> bool:
    return all(folded(values.get(name, "")) == folded(text) for name, text in EXAMPLE.items())
