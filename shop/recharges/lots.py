"""Reading a file of codes: every line is accepted or refused, with its number and the reason."""

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from portal.ui.errors import DomainError

MAX_BYTES = 20 * 1024 * 1024
_DELIMITERS = ";,\t"
#: What a spreadsheet writes when it took a code for a number.
_SCIENTIFIC = re.compile(r"^\d+([.,]\d+)?E\+?\d+$", re.IGNORECASE)
_COLUMNS = {
    "product": {"product", "produit"},
    "code": {"code", "numero", "numero de recharge"},
    "expiry": {"expiry", "expires", "expiration", "date d'expiration", "valable jusqu'au"},
    "serial": {"serial", "serie", "numero de serie"},
}


class UnreadableFile(DomainError):
    """The file is no list of codes; the message says what to change."""

    default_code = "unreadable_file"


@dataclass(frozen=True)
class Known:
    """What the catalogue says of a product: how a file may name it and what its codes look like."""

    product_id: int
    title: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Row:
    """An accepted line."""

    line: int
    product_id: int
    code: str
    expires_on: dt.date
    serial: str


@dataclass(frozen=True)
class Problem:
    """A refused line; ``reason`` never quotes a code."""

    line: int
    kind: str
    reason: str


@dataclass
class Reading:
    """What a file holds."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8 (with or without BOM) or Windows-1252.

    Raises:
        UnreadableFile: too big, empty, or no text.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            f"Ce fichier dépasse {MAX_BYTES // 1024 // 1024}\u00a0Mo. Coupez-le en plusieurs lots."
        )
    if b"\0" in content:
        raise UnreadableFile(
            "Ce fichier n’est pas un CSV. Dans votre tableur, choisissez "
            "«\u00a0Enregistrer sous\u00a0» puis «\u00a0CSV\u00a0»."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if not text.strip():
        raise UnreadableFile("Ce fichier est vide.")
    return text


def plain(text: str) -> str:
    """Return ``text`` in lower case without accents, as names are compared."""
    decomposed = unicodedata.normalize("NFKD", text.strip().lower().replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def read(text: str, products: Mapping[str, Known], *, today: dt.date) -> Reading:
    """Read a CSV of codes whose first line names its columns.

    Args:
        text: comma, semicolon or tab separated; LF or CRLF.
        products: by `plain` name and by ``upc``.
        today: codes that expired before that day are refused.

    Raises:
        UnreadableFile: a column is missing, or the text is no CSV.
    """
    first = text.splitlines()[0]
    delimiter = max(_DELIMITERS, key=first.count)
    lines = _numbered(text, delimiter)
    columns = _columns(next(lines)[1])
    reading = Reading()
    seen: dict[str, int] = {}
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        outcome = _read_line(number, cells, columns, products, today, seen)
        if isinstance(outcome, Row):
            reading.rows.append(outcome)
        else:
            reading.problems.append(outcome)
    if not reading.rows and not reading.problems:
        raise UnreadableFile("Ce fichier n’a que sa ligne de titres\u00a0: ajoutez-y les numéros.")
    return reading


def _columns(header: list[str]) -> dict[str, int]:
    names = [plain(name) for name in header]
    columns = {
        column: index
        for index, name in enumerate(names)
        for column, aliases in _COLUMNS.items()
        if name in aliases
    }
    missing = [
        label
        for column, label in (("product", "produit"), ("code", "code"), ("expiry", "expiration"))
        if column not in columns
    ]
    if missing:
        raise UnreadableFile(
            f"Colonne manquante\u00a0: {', '.join(missing)}. La première ligne du "
            "fichier doit être\u00a0: produit;code;expiration;série (la série est facultative)."
        )
    return columns


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line, as a text editor counts them."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for cells in rows:
            yield number, cells
            number = rows.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            "Une ligne du fichier est illisible\u00a0: un guillemet n’est pas refermé, ou une "
            "cellule est immense."
        ) from error


def _read_line(
    number: int,
    cells: list[str],
    columns: Mapping[str, int],
    products: Mapping[str, Known],
    today: dt.date,
    seen: dict[str, int],
) -> Row | Problem:
    def cell(column: str) -> str:
        index = columns.get(column)
        return cells[index].strip() if index is not None and index < len(cells) else ""

    known = products.get(plain(cell("product")))
    if known is None:
        return Problem(number, "malformed", _unknown_product(cell("product")))
    code = re.sub(r"[\s.-]", "", cell("code"))
    reason = _refuse_code(cell("code"), code, known)
    if reason:
        return Problem(number, "malformed", reason)
    expires_on = _date(cell("expiry"))
    if expires_on is None:
        return Problem(number, "malformed", "date d’expiration illisible\u00a0: écrivez 31/12/2027")
    if expires_on < today:
        return Problem(number, "expired", f"expiré depuis le {expires_on:%d/%m/%Y}")
    if code in seen:
        return Problem(number, "duplicate", f"déjà à la ligne {seen[code]} de ce fichier")
    seen[code] = number
    return Row(number, known.product_id, code, expires_on, cell("serial")[:40])


def _unknown_product(typed: str) -> str:
    """Return why no product has that name; a cell of digits may be a code, and is not quoted."""
    if not typed:
        return "le produit manque"
    if sum(char.isdigit() for char in typed) >= 6:
        return (
            "un numéro se trouve à la place du produit\u00a0: vérifiez l’ordre des colonnes et le "
            "séparateur"
        )
    return f"produit inconnu\u00a0: «\u00a0{typed[:60]}\u00a0»"


def _refuse_code(typed: str, code: str, known: Known) -> str:
    """Return why a code is refused, without quoting it; nothing where it is right."""
    if not typed:
        return "le numéro manque"
    if known.pattern.fullmatch(code):
        return ""
    if _SCIENTIFIC.match(typed.replace(" ", "")):
        return (
            "un tableur a transformé le numéro en nombre (1,23E+08)\u00a0: mettez la colonne au "
            "format «\u00a0Texte\u00a0» et exportez de nouveau"
        )
    if code.isdigit() and known.pattern.fullmatch(code.zfill(10)):
        return (
            f"{len(code)} chiffres au lieu de 10\u00a0: un tableur a sans doute mangé les zéros du "
            "début\u00a0; mettez la colonne au format «\u00a0Texte\u00a0» et exportez de nouveau"
        )
    return f"ce n’est pas un numéro de «\u00a0{known.title}\u00a0»"


def _date(text: str) -> dt.date | None:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(text, pattern).date()  # noqa: DTZ007  (a day, not a time)
        except ValueError:
            continue
    return None
