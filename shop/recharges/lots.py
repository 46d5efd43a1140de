"""Reading the lines of a lot: each is accepted or refused, with its number and the reason.

What one line cannot tell (a code twice in the file, or in another lot) is the database's to find:
`shop.recharges.staging`.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from portal.sheets.reading import Rows, UnreadableFile

#: 1,000,000 lines of 44 bytes.
MAX_BYTES = 45_000_000
_SERIAL = 40  # characters kept of a serial number
_MOST_ZEROS = 9  # that a spreadsheet is supposed to have eaten
_SPACES = re.compile(r"[\s.-]")
#: What a spreadsheet writes when it took a code for a number.
_SCIENTIFIC = re.compile(r"^\d+([.,]\d+)?E\+?\d+$", re.IGNORECASE)
_COLUMNS = {
    "product": {"product", "produit"},
    "code": {"code", "numero", "numero de recharge"},
    "expiry": {"expiry", "expires", "expiration", "date d'expiration", "valable jusqu'au"},
    "serial": {"serial", "serie", "numero de serie"},
}
_LABELS = {"product": "produit", "code": "code", "expiry": "expiration"}


@dataclass(frozen=True)
class Known:
    """What the catalogue says of a product: how a file may name it and what its codes look like."""

    product_id: int
    title: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Row:
    """An accepted line."""

    line: int
    product_id: int
    code: str
    expires_on: dt.date
    serial: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A refused line; ``reason`` never quotes a code."""

    line: int
    kind: str
    reason: str


def plain(text: str) -> str:
    """Return ``text`` in lower case without accents, as names are compared."""
    decomposed = unicodedata.normalize("NFKD", text.strip().lower().replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def read(
    rows: Rows, products: Mapping[str, Known], *, today: dt.date, only: Known | None = None
) -> Iterator[Row | Problem]:
    """Yield what becomes of each line after the first, which names the columns.

    Args:
        rows: of `portal.sheets.reading`.
        products: by `plain` name and by ``upc``.
        today: codes that expired before that day are refused.
        only: the one product that the lot may hold; its column may then be missing.

    Raises:
        UnreadableFile: a column is missing, there are no lines, or ``rows`` cannot be read.
    """
    reader = LineReader(columns(next(rows, (1, []))[1], only=only), products, today, only)
    empty = True
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            empty = False
            yield reader.read(number, cells)
    if empty:
        raise UnreadableFile("Ce fichier n’a que sa ligne de titres\u00a0: ajoutez-y les numéros.")


def columns(header: list[str], *, only: Known | None = None) -> dict[str, int]:
    """Return where each column is.

    Raises:
        UnreadableFile: one is missing; ``product`` may be where there is ``only`` one.
    """
    names = [plain(name) for name in header]
    found = {
        column: index
        for index, name in enumerate(names)
        for column, aliases in _COLUMNS.items()
        if name in aliases
    }
    missing = [
        label
        for column, label in _LABELS.items()
        if column not in found and not (only and column == "product")
    ]
    if missing:
        raise UnreadableFile(
            f"Colonne manquante\u00a0: {', '.join(missing)}. La première ligne du "
            "fichier doit être\u00a0: produit;code;expiration;série (la série est facultative)."
        )
    return found


class LineReader:
    """Judges lines one by one; what all have in common is worked out once."""

    def __init__(
        self,
        columns: Mapping[str, int],
        products: Mapping[str, Known],
        today: dt.date,
        only: Known | None,
    ) -> None:
        self.columns = columns
        self.products = products
        self.today = today
        self.only = only

    def read(self, number: int, cells: list[str]) -> Row | Problem:
        """Accept a line, or say why not."""
        named = self._cell(cells, "product")
        known = self.only if self.only and not named else self.products.get(_plain(named))
        if known is None:
            return Problem(number, "malformed", _unknown_product(named))
        if self.only and known.product_id != self.only.product_id:
            return Problem(number, "product", _other_product(known, self.only))
        typed = self._cell(cells, "code")
        code = _SPACES.sub("", typed)
        reason = _refuse_code(typed, code, known)
        if reason:
            return Problem(number, "malformed", reason)
        expires_on = _date(self._cell(cells, "expiry"))
        if expires_on is None:
            return Problem(
                number, "malformed", "date d’expiration illisible\u00a0: écrivez 31/12/2027"
            )
        if expires_on < self.today:
            return Problem(number, "expired", f"expiré depuis le {expires_on:%d/%m/%Y}")
        serial = self._cell(cells, "serial").replace("\0", "")[:_SERIAL]
        return Row(number, known.product_id, code, expires_on, serial)

    def _cell(self, cells: list[str], column: str) -> str:
        index = self.columns.get(column)
        return cells[index].strip() if index is not None and index < len(cells) else ""


_plain = lru_cache(maxsize=256)(plain)


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


def _other_product(known: Known, only: Known) -> str:
    return (
        f"«\u00a0{known.title}\u00a0» dans un lot qui ne contient que «\u00a0{only.title}\u00a0»"
        "\u00a0: déposez ces numéros à part, ou ne choisissez pas de produit"
    )


def _refuse_code(typed: str, code: str, known: Known) -> str:
    """Return why a code is refused, without quoting it; nothing where it is right."""
    if known.pattern.fullmatch(code):
        return ""
    if not typed:
        return "le numéro manque"
    if _SCIENTIFIC.match(typed.replace(" ", "")):
        return (
            "un tableur a transformé le numéro en nombre (1,23E+08)\u00a0: mettez la colonne au "
            "format «\u00a0Texte\u00a0» et exportez de nouveau"
        )
    whole = len(code) + _eaten_zeros(code, known)
    if whole > len(code):
        return (
            f"{len(code)} chiffres au lieu de {whole}\u00a0: un tableur a sans doute mangé les "
            "zéros du début\u00a0; mettez la colonne au format «\u00a0Texte\u00a0» et exportez de "
            "nouveau"
        )
    return f"ce n’est pas un numéro de «\u00a0{known.title}\u00a0»"


def _eaten_zeros(code: str, known: Known) -> int:
    """Return how many zeros in front would make a code of this; 0 where none would."""
    if not code.isdigit():
        return 0
    zeros = range(1, _MOST_ZEROS + 1)
    return next((count for count in zeros if known.pattern.fullmatch("0" * count + code)), 0)


@lru_cache(maxsize=4096)
def _date(text: str) -> dt.date | None:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(text, pattern).date()  # noqa: DTZ007  (a day, not a time)
        except ValueError:
            continue
    return None
