"""The reference of a person: a structure's own, never a name, a telephone or an address."""

import re
import unicodedata
from typing import ClassVar

from portal.privacy.crypto import fingerprint
from portal.ui.errors import DomainError

MAX_LENGTH = 60
_SEPARATORS = re.compile(r"[\s.\-/()]")
#: A French mobile, in the national or the international form.
_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)33\(?0?\)?|0)[67]\d{8}(?!\d)")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class HandOverRefused(DomainError):
    """The hand-over cannot be noted so; the message says why, ``field`` where."""

    default_code = "hand_over_refused"
    field: ClassVar[str | None] = None


class ReferenceRefused(HandOverRefused):
    """The text is no reference."""

    default_code = "reference_refused"
    field = "reference"


def clean(text: str) -> str:
    """Return a reference as it is kept: one line, its spaces made one.

    Raises:
        ReferenceRefused: empty, too long, or it says who the person is.
    """
    reference = " ".join(_without(text, {"Cc", "Cf"}).split())
    if not normalise(reference):
        raise ReferenceRefused(
            "Indiquez la référence de la personne\u00a0: par exemple son numéro de dossier."
        )
    if len(reference) > MAX_LENGTH:
        raise ReferenceRefused(
            f"Raccourcissez la référence\u00a0: {MAX_LENGTH} caractères au plus."
        )
    if _MOBILE.search(_SEPARATORS.sub("", reference)):
        raise ReferenceRefused(
            "Cette référence ressemble à un numéro de téléphone. Utilisez plutôt un numéro de "
            "dossier\u00a0: le carnet ne garde rien qui dise qui est la personne."
        )
    if _EMAIL.search(reference):
        raise ReferenceRefused(
            "Cette référence ressemble à une adresse e-mail. Utilisez plutôt un numéro de "
            "dossier\u00a0: le carnet ne garde rien qui dise qui est la personne."
        )
    return reference


def normalise(text: str) -> str:
    """Return what two spellings of one reference share: no case, accents or spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(_without(bare, {"Cc", "Cf", "Mn"}).split())


def _without(text: str, categories: set[str]) -> str:
    """Return a text without the characters of some Unicode categories; spaces stay."""
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in categories)


def fingerprint_of(structure_id: int, text: str) -> str:
    """Return the keyed fingerprint of a reference; that of another structure differs."""
    return fingerprint(f"handover:{structure_id}", normalise(text))
