"""The texts of the papers: fields checked when they are published, filled when a paper is drawn.

A text is plain: paragraphs parted by empty lines, ``## `` before a heading, ``- `` before the
lines of a list. Nobody can break a PDF with it, and what it says is what is signed.
"""

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from django.db import transaction
from django.db.models import Max

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import AgreementText, Kind
from portal.ui.errors import DomainError

#: Stands alone in its paragraph: the table of free quantities.
QUANTITIES: Final = "dotations"
#: Fields, and what they become.
FIELDS: Final[dict[str, str]] = {
    "structure": "nom de la structure",
    "type": "type de structure",
    "adresse": "adresse de la structure",
    "identifiant": "SIRET, ou numéro RNA",
    "public": "public accueilli",
    "referent_structure": "référent de la structure",
    "referent_emmaus": "référent Emmaüs Connect",
    "debut": "premier jour",
    "fin": "dernier jour",
    "livraison": "retrait ou envoi des cartes SIM",
    "limite_par_personne": "recharges par personne et par mois",
    "reconduction": "reconduction tacite, ou non",
    "apres_avenant": "ce qui suit la fin d’un avenant",
}
AVENANT_FIELDS: Final[dict[str, str]] = FIELDS | {
    "intitule": "intitulé de l’avenant",
    "debut_convention": "premier jour de la convention",
    QUANTITIES: "tableau des quantités gratuites, seul dans son paragraphe",
}
_FIELD = re.compile(r"{{\s*([^{}]*?)\s*}}")


class TextRefused(DomainError):
    """The text cannot be published; the message says what to mend."""

    default_code = "text_refused"


@dataclass(frozen=True)
class Block:
    """A paragraph as it is laid out; ``kind``: heading, paragraph, list or quantities."""

    kind: str
    lines: list[str] = field(default_factory=list)


def fields_of(kind: str) -> dict[str, str]:
    """Return the fields that a text of this kind may hold, with what they become."""
    return AVENANT_FIELDS if kind == Kind.AVENANT else FIELDS


def current(kind: Kind) -> AgreementText:
    """Return the last version of a text.

    Raises:
        TextRefused: nobody has written one.
    """
    found = AgreementText.objects.filter(kind=kind).order_by("-version").first()
    if found is None:
        raise TextRefused(
            f"Aucun texte n’est publié pour ce document ({kind.label.lower()})\u00a0: écrivez-le "
            "dans «\u00a0Textes\u00a0»."
        )
    return found


def clean(kind: str, body: str) -> str:
    """Return a text ready to be published.

    Raises:
        TextRefused: an unknown field, a brace left open, or an avenant without its table.
    """
    text = re.sub(r"\n{3,}", "\n\n", body.replace("\r\n", "\n")).strip()
    if not text:
        raise TextRefused("Le texte est vide.")
    known = fields_of(kind)
    for name in _FIELD.findall(text):
        if name not in known:
            raise TextRefused(
                f"«\u00a0{{{{ {name} }}}}\u00a0» n’est pas un champ connu. Les champs possibles "
                f"sont\u00a0: {', '.join(known)}."
            )
    if "{{" in (rest := _FIELD.sub("", text)) or "}}" in rest:
        raise TextRefused("Un champ commence par {{ et finit par }}\u00a0: il en manque un.")
    alone = any(_is_quantities(block) for block in _paragraphs(text))
    if kind == Kind.AVENANT and not alone:
        raise TextRefused(
            f"Le texte d’un avenant contient le champ {{{{ {QUANTITIES} }}}}, seul dans son "
            "paragraphe\u00a0: c’est le tableau de ce qui est gratuit."
        )
    return text


@transaction.atomic
def publish(*, by: User, kind: str, title: str, body: str) -> AgreementText:
    """Publish a new version; papers sent before keep theirs.

    Raises:
        TextRefused: see `clean`; or nothing changed.
    """
    text = clean(kind, body)
    rows = AgreementText.objects.filter(kind=kind)
    before = rows.select_for_update(of=("self",)).order_by("-version").first()
    if before and (before.title, before.body) == (title, text):
        raise TextRefused("Rien n’a changé depuis la version publiée.")
    last = rows.aggregate(last=Max("version"))["last"] or 0
    made = AgreementText.objects.create(kind=kind, version=last + 1, title=title, body=text, by=by)
    record(by=by, action="structures.text_published", target=made, kind=kind, version=made.version)
    return made


def blocks(body: str, values: dict[str, str]) -> list[Block]:
    """Lay a text out with its fields filled.

    Args:
        body: as `clean` returned it.
        values: by name of field; one that is missing becomes dots to fill by hand.
    """
    laid = []
    for paragraph in _paragraphs(body):
        if _is_quantities(paragraph):
            laid.append(Block("quantities"))
            continue
        lines = [_fill(line, values) for line in paragraph.split("\n")]
        if lines[0].startswith("## "):
            laid.append(Block("heading", [lines.pop(0)[3:]]))
        for listed, run in groupby(lines, key=lambda line: line.startswith("- ")):
            found = [line.removeprefix("- ") if listed else line for line in run]
            laid.append(Block("list" if listed else "paragraph", found))
    return laid


def _paragraphs(body: str) -> list[str]:
    return [part.strip("\n") for part in body.split("\n\n") if part.strip()]


def _is_quantities(paragraph: str) -> bool:
    return _FIELD.findall(paragraph) == [QUANTITIES] and not _FIELD.sub("", paragraph).strip()


def _fill(line: str, values: dict[str, str]) -> str:
    return _FIELD.sub(lambda found: values.get(found[1]) or "…………", line)
