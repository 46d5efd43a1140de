"""The columns of a file: their headings, what they hold, and how a cell is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy

from activation.rules.words import folded
from activation.sheets import cells
from activation.sheets.cells import Typed
from portal.telecom.numbers import RIO_PHONE

_ASIDE = re.compile(r"\(.*?\)")


@dataclass(frozen=True)
class Column:
    """A column of the file, which is a field of the form.

    Attributes:
        field: the form's.
        heading: as the model has it.
        example: in the model's invented line.
        help: what to write, for whoever fills the file; a text, or one that is read when shown.
        read: turns a cell into what would have been typed.
        needed: whether the file must have it.
        names: other headings, folded, that mean the same.
    """

    field: str
    heading: str
    example: str
    help: Any
    read: Callable[[str], Typed]
    needed: bool = True
    names: tuple[str, ...] = ()

    def means(self, heading: str) -> bool:
        """Tell whether a file's heading is this column's, whatever its accents and case."""
        found = folded(_ASIDE.sub("", heading)) or folded(heading)
        return found in (folded(_ASIDE.sub("", self.heading)), folded(self.field), *self.names)


def _as_is(name: str) -> Callable[[str], Typed]:
    return lambda text: {name: text}


#: The number of a card that nobody holds: it tells the model's line from a real one.
EXAMPLE_CARD = "89331011111111111113"
COLUMNS = (
    Column(
        "iccid",
        "Numéro de carte SIM (ICCID)",
        # Its spaces keep a spreadsheet from taking it for a number.
        "8933 1011 1111 1111 1113",
        "Les 20 chiffres imprimés sur la carte SFR, par groupes de 4. Gardez les espaces\u00a0: "
        "sans eux, un tableur abrège le numéro et perd ses derniers chiffres.",
        cells.card,
        names=("iccid", "numerodeserie", "numerodecarte", "carte", "cartesim", "numerodelacarte"),
    ),
    Column(
        "civility",
        "Civilité",
        "Madame",
        "Madame ou Monsieur (Mme et M. aussi).",
        cells.civility,
    ),
    Column(
        "last_name",
        "Nom",
        "Exemple",
        "Comme sur la pièce d’identité.",
        _as_is("last_name"),
        names=("nomdubeneficiaire", "nomdefamille"),
    ),
    Column(
        "first_name",
        "Prénom",
        "Camille",
        "Comme sur la pièce d’identité.",
        _as_is("first_name"),
        names=("prenomdubeneficiaire", "prenoms"),
    ),
    Column(
        "birth_date",
        "Date de naissance",
        "04/12/1985",
        "Jour, mois, année\u00a0: 04/12/1985.",
        cells.birth_date,
        names=("datenaissance", "neele", "nele"),
    ),
    Column(
        "birth_department",
        "Département de naissance",
        "59",
        "Son numéro ou son nom\u00a0: 59 ou Nord. Né à l’étranger\u00a0: 99.",
        _as_is("birth_department"),
        names=("departement", "departementnaissance"),
    ),
    Column(
        "birth_country",
        "Pays de naissance",
        "",
        "Seulement pour une naissance à l’étranger (99).",
        _as_is("birth_country"),
        needed=False,
        names=("pays",),
    ),
    Column(
        "portability",
        "Garder le numéro (oui ou non)",
        "non",
        "Oui, si le bénéficiaire garde son numéro actuel\u00a0: on ne peut pas revenir en arrière. "
        "Vide\u00a0: non.",
        cells.portability,
        needed=False,
        names=("portabilite", "garderlenumeroactuel", "gardersonnumero"),
    ),
    Column(
        "current_number",
        "Numéro à garder",
        "",
        "Seulement s’il est gardé\u00a0: son portable actuel, par exemple 06 12 34 56 78.",
        cells.phone("current_number"),
        needed=False,
        names=("numeroactuel", "numerodeportableactuel"),
    ),
    Column(
        "rio",
        "Code RIO",
        "",
        format_lazy(
            "Seulement si le numéro est gardé\u00a0: les 12 caractères que donne le {}, appelé "
            "depuis ce numéro.",
            RIO_PHONE,
        ),
        _as_is("rio"),
        needed=False,
    ),
    Column(
        "contact_phone",
        "Portable à prévenir",
        "06 12 34 56 78",
        "Un portable où le bénéficiaire lit le SMS, si ce n’est pas la nouvelle ligne.",
        cells.phone("contact_phone"),
        needed=False,
        names=("portable", "telephone", "portablepourlesms", "numerodecontact"),
    ),
    Column(
        "language",
        "Langue du SMS",
        "français",
        "Français, anglais ou espagnol. Vide\u00a0: français.",
        cells.language,
        needed=False,
        names=("langue",),
    ),
    Column(
        "identity_checked",
        "Pièce d’identité vérifiée (oui)",
        "oui",
        "Oui, une fois que vous l’avez vue. N’en gardez pas de copie.",
        cells.identity,
        names=("piecedidentite", "identiteverifiee"),
    ),
)
HEADINGS = {column.field: column.heading for column in COLUMNS}
EXAMPLE = {column.field: column.example for column in COLUMNS}
