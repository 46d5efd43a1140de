"""One line of a file of places: what it says of a place, what it lacks, why it is refused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.db.models import CharField

from portal.portfolio.forms import phone
from portal.portfolio.search import plain
from portal.structures.departments import of_postcode
from portal.structures.models import Structure, validate_siret
from portal.structures.models.structure import validate_rna

_K = Structure.Kind
#: What files call a kind, without accents and case.
_KINDS = {
    **{plain(label): kind for kind, label in _K.choices},
    **dict.fromkeys(("ccas", "cias"), _K.CCAS),
    **dict.fromkeys(("asso", "association loi 1901", "centre social"), _K.ASSOCIATION),
    **dict.fromkeys(("commune", "mairie", "municipalite", "departement"), _K.COLLECTIVITE),
    **dict.fromkeys(("chrs", "hebergement", "foyer"), _K.HEBERGEMENT),
    **dict.fromkeys(
        ("la poste", "pole emploi", "france travail", "cpam", "msa", "caf", "carsat"),
        _K.SERVICE_PUBLIC,
    ),
    **dict.fromkeys(("service public", "france services", "msap", "prefecture"), _K.SERVICE_PUBLIC),
}
#: Rectangles that hold France: south, north, west, east, in degrees.
_FRANCE = (
    *((41.2, 51.2, -5.3, 9.7), (15.8, 18.2, -63.2, -60.9), (14.3, 15.0, -61.3, -60.7)),
    *((2.0, 5.9, -54.7, -51.5), (-21.5, -20.8, 55.1, 55.9), (-13.1, -12.5, 44.9, 45.4)),
    *((46.7, 47.2, -56.5, -56.1), (-23.0, -19.4, 163.4, 168.3)),
    *((-28.0, -7.5, -155.0, -134.0), (-14.5, -13.1, -178.3, -176.0)),
)
_TEXTS = {
    "nom": ("name", "Le nom"),
    "adresse": ("address", "L’adresse"),
    "commune": ("city", "La commune"),
    "horaires": ("opening_hours", "Les horaires"),
}
#: Characters of each text, as the table takes them.
_LONGEST: dict[str, int] = {
    field.name: field.max_length or 0
    for field in Structure._meta.fields
    if isinstance(field, CharField)
}
_PLACES = Decimal("0.000001")  # of a degree: ten centimetres
_POSTCODE = 5


@dataclass
class Row:
    """A line as it was read. ``refused`` says why it is no place; ``lacks`` what to complete."""

    values: dict[str, Any] = field(default_factory=dict)
    refused: str = ""
    lacks: list[str] = field(default_factory=list)

    def refuse(self, why: str) -> None:
        """Keep the first reason."""
        self.refused = self.refused or why


def check(cells: dict[str, str]) -> Row:
    """Return what a line says.

    Args:
        cells: by the names of `portal.portfolio.imports.COLUMNS`; absent ones are empty.
    """
    row = Row()
    _texts(row, cells)
    _postcode(row, cells.get("code_postal", ""))
    _kind(row, cells.get("type", ""))
    _coordinates(row, cells.get("latitude", ""), cells.get("longitude", ""))
    _identity(row, cells)
    _contacts(row, cells)
    return row


def _texts(row: Row, cells: dict[str, str]) -> None:
    for column, (name, label) in _TEXTS.items():
        text = " ".join(cells.get(column, "").split())
        longest = _LONGEST[name]
        if len(text) > longest:
            row.refuse(f"{label} dépasse {longest} caractères.")
        row.values[name] = text
    if not plain(row.values["name"]):
        row.refuse("Le nom manque.")
    if not row.values["city"]:
        row.refuse("La commune manque.")
    if not row.values["address"]:
        row.lacks.append("adresse")


def _postcode(row: Row, text: str) -> None:
    code = "".join(text.split())
    if code.isdecimal() and len(code) == _POSTCODE - 1:
        code = f"0{code}"  # a spreadsheet ate the zero: 1000 is Bourg-en-Bresse
    if not code:
        row.refuse("Le code postal manque.")
    elif not (len(code) == _POSTCODE and code.isdecimal() and of_postcode(code)):
        row.refuse(f"«\u00a0{text[:20]}\u00a0» n’est pas un code postal français.")
    row.values["postcode"] = code


def _kind(row: Row, text: str) -> None:
    kind = _KINDS.get(plain(text))
    if kind is None:
        row.lacks.append(f"type «\u00a0{text[:40]}\u00a0» inconnu" if text else "type")
    row.values["kind"] = kind or _K.AUTRE


def _coordinates(row: Row, *texts: str) -> None:
    row.values |= {"latitude": None, "longitude": None}
    typed = [text.strip().replace(",", ".") for text in texts]
    if not any(typed):
        row.lacks.append("coordonnées")
        return
    if not all(typed):
        row.refuse("La latitude et la longitude vont ensemble.")
        return
    try:
        latitude, longitude = (Decimal(text).quantize(_PLACES) for text in typed)
        if not (latitude.is_finite() and longitude.is_finite()):
            raise InvalidOperation
    except InvalidOperation:
        row.refuse("Les coordonnées ne sont pas des nombres, par exemple 44.8378 et -0.5792.")
        return
    if not any(s <= latitude <= n and w <= longitude <= e for s, n, w, e in _FRANCE):
        row.refuse(
            "Ces coordonnées sont hors de France. Latitude et longitude inversées ?".replace(
                " ?", "\u00a0?"
            )
        )
        return
    row.values |= {"latitude": latitude, "longitude": longitude}


def _identity(row: Row, cells: dict[str, str]) -> None:
    siret = "".join(char for char in cells.get("siret", "") if char not in " .\u00a0")
    rna = "".join(cells.get("rna", "").split()).upper()
    for text, validate in ((siret, validate_siret), (rna, validate_rna)):
        try:
            if text:
                validate(text)
        except ValidationError as error:
            row.refuse(error.messages[0])
    row.values |= {"siret": siret, "rna": rna}


def _contacts(row: Row, cells: dict[str, str]) -> None:
    """Keep what one can be called by; what is unreadable is to be completed, not refused."""
    typed = cells.get("telephone", "").strip()
    row.values["phone"] = phone(typed) if typed else ""
    if typed and not row.values["phone"]:
        row.lacks.append("téléphone illisible")
    site = cells.get("site", "").strip()
    if site and "://" not in site:
        site = f"https://{site}"
    checks: dict[str, tuple[str, Callable[[str], None], str]] = {
        "email": (cells.get("email", "").strip(), EmailValidator(), "e-mail illisible"),
        "website": (site, URLValidator(["http", "https"]), "site illisible"),
    }
    for name, (text, validate, lack) in checks.items():
        longest = _LONGEST[name]
        row.values[name] = text
        if not text:
            continue
        try:
            validate(text)
            fits = len(text) <= longest
        except ValidationError:
            fits = False
        if not fits:
            row.values[name] = ""
            row.lacks.append(lack)
