"""Reading who gets how much: a pasted table, a file, or every structure of a kind."""

import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import UUID

from portal.sheets.reading import Rows, UnreadableFile, read
from portal.structures.models import Structure
from shop.quotas.grants import Place
from shop.quotas.models import Campaign

MAX_BYTES = 2_000_000
MAX_LINES = 20_000
MOST = 100_000  # units in one quota; more is a slip of the keyboard
_COLUMNS = {
    "structure": {"structure", "siret", "nom", "nom de la structure"},
    "product": {"produit", "product", "upc"},
    "quantity": {"quantite", "quantity", "nombre", "dotation"},
}
_SIRET = re.compile(r"\d{14}")
_NAMED = "structure;produit;quantité"


@dataclass(frozen=True)
class Problem:
    """A refused line and why."""

    line: int
    reason: str


@dataclass
class Table:
    """What was read: units by structure and product, and the lines that were refused."""

    wanted: dict[Place, int] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Refused(Exception):
    """A line says something that cannot be."""


def read_text(campaign: Campaign, text: str) -> Table:
    """Read a pasted table.

    Raises:
        UnreadableFile: it holds no lines, or too many.
    """
    return read_file(campaign, io.BytesIO(text.strip().encode()))


def read_file(campaign: Campaign, file: BinaryIO) -> Table:
    """Read a CSV or XLSX file of structure × product × quantity.

    Raises:
        UnreadableFile: it is none, or holds no lines, or too many.
    """
    return _read(read(file, max_bytes=MAX_BYTES), _Reader(campaign))


def _read(rows: Rows, reader: "_Reader") -> Table:
    table = Table()
    count = 0
    for number, cells in rows:
        if not any(cell.strip() for cell in cells) or reader.takes_titles(number, cells):
            continue
        count += 1
        if count > MAX_LINES:
            raise UnreadableFile(
                f"Ce tableau a plus de {MAX_LINES} lignes. Coupez-le en plusieurs fichiers."
            )
        try:
            place, granted = reader.read(cells)
            if place in table.lines:
                raise _Refused(f"Même structure et même produit qu’à la ligne {table.lines[place]}")
        except _Refused as error:
            table.problems.append(Problem(number, f"{error}."))
        else:
            table.wanted[place] = granted
            table.lines[place] = number
    if not count:
        raise UnreadableFile(f"Ce tableau est vide. Écrivez par ligne\u00a0: {_NAMED}.")
    return table


class _Reader:
    """Turns cells into places; structures and products are looked up once."""

    def __init__(self, campaign: Campaign) -> None:
        self.columns = {"structure": 0, "product": 1, "quantity": 2}
        self.products: dict[str, int] = {}
        for product in campaign.products.all():
            self.products |= {plain(product.title): product.pk, plain(product.upc): product.pk}
        self.structures = _Structures()

    def takes_titles(self, number: int, cells: list[str]) -> bool:
        """Learn where the columns are if this first line names them."""
        if number != 1:
            return False
        names = [plain(cell) for cell in cells]
        found = {
            column: index
            for index, name in reversed(list(enumerate(names)))
            for column, aliases in _COLUMNS.items()
            if name in aliases
        }
        if len(found) == len(_COLUMNS):
            self.columns = found
            return True
        if found:
            raise UnreadableFile(f"La première ligne doit nommer trois colonnes\u00a0: {_NAMED}.")
        return False

    def read(self, cells: list[str]) -> tuple[Place, int]:
        """Return where a line goes and how much it says."""
        structure, product, quantity = (self._cell(cells, name) for name in _COLUMNS)
        return (self.structures.find(structure), self._product(product)), _quantity(quantity)

    def _cell(self, cells: list[str], name: str) -> str:
        index = self.columns[name]
        return cells[index].strip() if index < len(cells) else ""

    def _product(self, name: str) -> int:
        if not name:
            raise _Refused("Produit manquant")
        found = self.products.get(plain(name))
        if found is None:
            raise _Refused(f"«\u00a0{_short(name)}\u00a0» n’est pas un produit de la campagne")
        return found


class _Structures:
    """Every structure that is not closed, by its public identifier, SIRET and name."""

    def __init__(self) -> None:
        self.by_key: dict[str, int] = {}
        self.by_name: dict[str, list[int]] = defaultdict(list)
        open_ones = Structure.objects.exclude(state=Structure.State.CLOSED)
        for pk, uuid, siret, name in open_ones.values_list("pk", "uuid", "siret", "name"):
            self.by_key[str(uuid)] = pk
            if siret:
                self.by_key[siret] = pk
            self.by_name[plain(name)].append(pk)

    def find(self, named: str) -> int:
        """Return the structure's key."""
        if not named:
            raise _Refused("Structure manquante")
        digits = re.sub(r"\s", "", named)
        if _SIRET.fullmatch(digits) or _is_uuid(named):
            found = self.by_key.get(digits.lower())
            if found is None:
                raise _Refused(f"Aucune structure ouverte n’a l’identifiant {_short(named)}")
            return found
        several = self.by_name.get(plain(named), [])
        if len(several) > 1:
            raise _Refused(
                f"Plusieurs structures s’appellent «\u00a0{_short(named)}\u00a0»\u00a0: écrivez le "
                "SIRET à la place du nom"
            )
        if not several:
            raise _Refused(f"Aucune structure ouverte ne s’appelle «\u00a0{_short(named)}\u00a0»")
        return several[0]


def _quantity(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _Refused(f"Quantité «\u00a0{_short(text)}\u00a0»\u00a0: écrivez un nombre entier")
    if len(text) > 9 or int(text) > MOST:
        raise _Refused(f"Quantité trop grande\u00a0: {MOST} au plus")
    return int(text)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return len(text) == 36


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def plain(text: str) -> str:
    """Return ``text`` in lower case without accents, as names are compared."""
    spaced = " ".join(text.lower().replace("’", "'").split())
    decomposed = unicodedata.normalize("NFKD", spaced)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def everyone(*, kind: str, manager: Any, quantities: Mapping[int, int]) -> dict[Place, int]:
    """Give the same units to each active structure.

    Args:
        kind: of `Structure.Kind`; every kind where it is empty.
        manager: whose portfolio; everybody's where it is none.
        quantities: units by product id.
    """
    structures = Structure.objects.filter(state=Structure.State.ACTIVE)
    if kind:
        structures = structures.filter(kind=kind)
    if manager:
        structures = structures.filter(account_manager=manager)
    keys = list(structures.order_by("pk").values_list("pk", flat=True))
    return {(key, product): units for key in keys for product, units in quantities.items()}


def as_text(wanted: Mapping[Place, int], products: Iterable[Any]) -> str:
    """Write places as a table that `read_text` reads back, whatever the structures' names."""
    upcs = {product.pk: product.upc for product in products}
    keys = {structure for structure, _ in wanted}
    uuids = dict(Structure.objects.filter(pk__in=keys).values_list("pk", "uuid"))
    rows = [f"{uuids[one]};{upcs[product]};{units}" for (one, product), units in wanted.items()]
    return "\n".join([_NAMED, *rows])
