"""Reading a bank's statement: its credits, or every reason why it is not one."""

import datetime as dt
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from django.utils import timezone

from portal.portfolio.search import plain
from portal.sheets.reading import read
from portal.ui.errors import DomainError

MAX_BYTES = 5_000_000
MAX_LINES = 5_000
#: Rows above the titles, where banks write the account and the period.
MAX_ABOVE = 20
#: Separators that a line of titles has at least, and bytes within which it is looked for.
_SEPARATORS = 2
_START = 1 << 14
#: Wrong lines that are told at once.
MAX_TOLD = 10
#: Columns, and what banks call them, without accents and punctuation.
_DATES = (
    *("date", "date operation", "date de l operation", "date d operation", "date comptable"),
    *("date de comptabilisation", "date valeur", "date de valeur"),
)
_LABELS = (
    *("libelle", "libelle operation", "libelle de l operation", "libelle simplifie"),
    *("libelle complet", "libelle complementaire", "description", "label", "detail", "details"),
    *("reference", "references", "informations complementaires", "motif", "communication"),
)
_AMOUNTS = ("montant", "montant eur", "montant euros", "montant en euros", "montant operation")
_CREDITS = ("credit", "credit eur", "credit euros", "credit en euros")
_DEBITS = ("debit", "debit eur", "debit euros", "debit en euros")
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d{1,2})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?")
_LARGEST = Decimal(10) ** 10


class StatementRefused(DomainError):
    """The file is no statement that we read; nothing was written.

    Attributes:
        errors: a sentence for each wrong line.
    """

    default_code = "statement_refused"

    def __init__(self, message: str, errors: list[str] | None = None) -> None:
        """Keep the sentence, and those of the lines."""
        super().__init__(message)
        self.errors = errors or []


@dataclass(frozen=True)
class Credit:
    """Money that came in.

    Attributes:
        number: of its line, as the sender's program shows it.
        amount: in euros, above 0.
        digest: of what it says, and of its rank among those of the file that say the same.
    """

    number: int
    received_on: dt.date
    label: str
    amount: Decimal
    digest: str


@dataclass(frozen=True)
class Read:
    """What a statement says: its credits, and how many debits were passed over."""

    credits: list[Credit]
    debits: int


class _Wrong(Exception):
    """What is wrong with a cell, and how to mend it."""


def read_statement(file: BinaryIO) -> Read:
    """Return the credits of a statement, in the order of its lines.

    Raises:
        UnreadableFile: it is no table, or too big.
        StatementRefused: columns are missing, or lines are wrong: each is named.
    """
    table, above = _below_heading(file)
    rows = (
        (number + above, cells)
        for number, cells in read(table, max_bytes=MAX_BYTES)
        if any(map(str.strip, cells))
    )
    columns = _columns(rows)
    found: list[tuple[int, dt.date, str, Decimal]] = []
    errors: list[str] = []
    for count, (number, cells) in enumerate(rows, start=1):
        if count > MAX_LINES:
            raise StatementRefused(
                f"Ce relevé compte plus de {MAX_LINES} lignes. Coupez-le en plusieurs fichiers. "
                "Rien n’a été écrit."
            )
        try:
            found.append((number, *columns.line(cells)))
        except _Wrong as wrong:
            errors.append(f"Ligne {number}\u00a0: {wrong}")
    if errors:
        raise StatementRefused(_told(len(errors)), errors[:MAX_TOLD])
    if not found:
        raise StatementRefused("Ce relevé n’a aucune ligne sous ses titres. Rien n’a été écrit.")
    money = [one for one in found if one[3] > 0]
    return Read(list(_hashed(money)), debits=len(found) - len(money))


def parse_day(text: str) -> dt.date:
    """Return a day written ``jj/mm/aaaa``, ``jj/mm/aa`` or ``aaaa-mm-jj``.

    Raises:
        ValueError: it is none.
    """
    if match := _ISO.fullmatch(text):
        return dt.date(*map(int, match.groups()))
    match = _DAY.fullmatch(text)
    if not match:
        raise ValueError(text)
    day, month, year = map(int, match.groups())
    return dt.date(year if year > 99 else 2000 + year, month, day)


def parse_amount(text: str) -> Decimal:
    """Return an amount written ``1 234,50 €``, ``1.234,50``, ``-12`` or ``1234.50``.

    Raises:
        ValueError: it is none, or a group of three figures leaves a doubt (``1,234``).
    """
    bare = "".join(text.split()).replace("\u2212", "-").replace("€", "")
    bare = re.sub(r"EUR$", "", bare, flags=re.IGNORECASE).replace("'", "").replace("’", "")
    marks = [char for char in bare if char in ".,"]
    both = len(set(marks)) == 2 and marks.count(marks[-1]) == 1
    groups = len(marks) > 1 and len(set(marks)) == 1 and bare[-4:-3] == marks[0]
    if _GROUPED.fullmatch(bare) and (both or groups):
        bare = bare.replace(marks[0], "")
    bare = bare.replace(",", ".")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(text)
    try:
        value = Decimal(bare).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if abs(value) >= _LARGEST:
        raise ValueError(text)
    return value


@dataclass(frozen=True)
class _Columns:
    """Where a statement says what."""

    day: int
    labels: list[int]
    amount: int | None
    credit: int | None
    debit: int | None

    def line(self, cells: list[str]) -> tuple[dt.date, str, Decimal]:
        """Return a line's day, label and amount: 0 or less where nothing came in.

        Raises:
            _Wrong: with what to mend.
        """

        def cell(place: int | None) -> str:
            inside = place is not None and place < len(cells)
            return cells[place].replace("\0", "").strip() if inside and place is not None else ""

        day = _day(cell(self.day))
        label = " ".join(" ".join(cell(place) for place in self.labels).split())[:500]
        if self.amount is not None:
            return day, label, _amount(cell(self.amount))
        credit, debit = cell(self.credit), cell(self.debit)
        if credit and debit and _amount(credit) and _amount(debit):
            raise _Wrong("elle a un crédit et un débit. Gardez l’un des deux.")
        if debit and _amount(debit):
            return day, label, -abs(_amount(debit))
        return day, label, _amount(credit or ("0" if debit else ""))


def _columns(rows: Iterator[tuple[int, list[str]]]) -> _Columns:
    """Read down to the titles, and find the columns that are needed.

    Raises:
        StatementRefused: there are none, or some are missing.
    """
    best: list[str] = ["date", "libellé", "montant (ou crédit)"]
    for count, (_, cells) in enumerate(rows):
        titles = [plain(cell) for cell in cells]
        day, amount = _place(titles, _DATES), _place(titles, _AMOUNTS)
        credit, debit = _place(titles, _CREDITS), _place(titles, _DEBITS)
        labels = [place for place, title in enumerate(titles) if title in _LABELS]
        missing = [
            name
            for name, there in (
                ("date", day is not None),
                ("libellé", bool(labels)),
                ("montant (ou crédit)", amount is not None or credit is not None),
            )
            if not there
        ]
        if day is not None and not missing:
            return _Columns(day, labels, amount, credit, debit)
        best = min(best, missing, key=len)
        if count >= MAX_ABOVE:
            break
    raise StatementRefused(
        "La ligne de titres doit nommer les colonnes date, libellé et montant (ou crédit). Il "
        f"manque\u00a0: {', '.join(best)}. Renommez ou ajoutez ces titres dans votre tableur. "
        "Rien n’a été écrit."
    )


def _below_heading(file: BinaryIO) -> tuple[BinaryIO, int]:
    """Pass over the first lines of a text that hold no columns: the separator is told without them.

    Returns:
        The rest, and how many lines were passed over.
    """
    start = file.read(_START)
    file.seek(0)
    passed = 0
    for above, line in enumerate(start.splitlines(keepends=True)[:MAX_ABOVE]):
        if max(line.count(mark) for mark in (b";", b",", b"\t")) >= _SEPARATORS:
            return (io.BytesIO(file.read()[passed:]), above) if above else (file, 0)
        passed += len(line)
    return file, 0


def _place(titles: list[str], names: tuple[str, ...]) -> int | None:
    """Return the column of the first name that is there."""
    return next((titles.index(name) for name in names if name in titles), None)


def _day(text: str) -> dt.date:
    if not text:
        raise _Wrong("la date manque. Si c’est un total ou un solde, supprimez cette ligne.")
    try:
        day = parse_day(text)
    except ValueError as error:
        raise _Wrong(
            f"«\u00a0{text[:30]}\u00a0» n’est pas une date. Écrivez-la jj/mm/aaaa, par exemple "
            "05/11/2026."
        ) from error
    if day > timezone.localdate():
        raise _Wrong(f"le {day:%d/%m/%Y} est dans le futur. Corrigez la date.")
    return day


def _amount(text: str) -> Decimal:
    if not text:
        raise _Wrong("le montant manque. Si la ligne n’est pas une opération, supprimez-la.")
    try:
        return parse_amount(text)
    except ValueError as error:
        raise _Wrong(
            f"«\u00a0{text[:30]}\u00a0» n’est pas un montant. Écrivez-le avec une virgule et deux "
            "décimales, par exemple 1234,50."
        ) from error


def _told(count: int) -> str:
    if count == 1:
        return "Une ligne de ce relevé est à corriger. Rien n’a été écrit."
    more = f"\u00a0; voici les {MAX_TOLD} premières" if count > MAX_TOLD else ""
    return f"{count} lignes de ce relevé sont à corriger{more}. Rien n’a été écrit."


def _hashed(lines: list[tuple[int, dt.date, str, Decimal]]) -> Iterator[Credit]:
    """Give each credit its digest: the second of two that say the same is another one."""
    seen: Counter[str] = Counter()
    for number, day, label, amount in lines:
        said = f"{day.isoformat()}|{amount}|{plain(label)}"
        seen[said] += 1
        digest = hashlib.sha256(f"{said}|{seen[said]}".encode()).hexdigest()
        yield Credit(number, day, label, amount, digest)
