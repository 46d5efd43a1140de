"""What people write in a cell, turned into what they would have typed in the form.

Nothing is judged here but what a spreadsheet can do to a cell and what the form asks by ticks and
choices; the rules are the form's.
"""

import re
from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError

from activation.languages import Language
from activation.models import ActivationRequest
from activation.rules.words import folded

#: What each cell becomes: values of the form, by the names under which it is posted.
Typed = dict[str, str]

YES = frozenset({"oui", "o", "x", "vrai", "1", "yes"})
NO = frozenset({"non", "n", "faux", "0", "no"})
_CIVILITIES: Mapping[str, tuple[str, ...]] = {
    ActivationRequest.Civility.MADAME: ("madame", "mme", "mlle", "mademoiselle"),
    ActivationRequest.Civility.MONSIEUR: ("monsieur", "m", "mr"),
}
_LANGUAGES: Mapping[str, tuple[str, ...]] = {
    Language.FRENCH: ("fr", "francais", "french"),
    Language.ENGLISH: ("en", "anglais", "english"),
    Language.SPANISH: ("es", "espagnol", "espanol", "spanish"),
}
#: « 8,93E+19 »: a spreadsheet shows a long number so, and saves it so.
_SHORTENED = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d+)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([T ].*)?")
_CARD = re.compile(r"\d{15}00000")  # a spreadsheet keeps 15 digits of a number
_LOST_ZERO = re.compile(r"[67]\d{8}")
_LOST_PLUS = re.compile(r"(33|590|594|596|262)\d{9}")
_APOSTROPHE = re.compile(r"'(?=[=+\-@\d])")


def tidy(text: str) -> str:
    """Return a cell as it was meant: without the apostrophe that makes a number a text."""
    return _APOSTROPHE.sub("", text.strip(), count=1)


def card(text: str) -> Typed:
    """Read the number of a card.

    Raises:
        ValidationError: the spreadsheet took it for a number, and lost its last digits.
    """
    if _SHORTENED.fullmatch(text):
        raise ValidationError(
            f"Le tableur a abrégé ce numéro en «\u00a0{text}\u00a0»\u00a0: ses chiffres sont "
            "perdus. Mettez la colonne au format Texte, puis tapez de nouveau les 20 chiffres."
        )
    if _CARD.fullmatch(re.sub(r"\s", "", text)):
        raise ValidationError(
            "Le tableur a remplacé les cinq derniers chiffres par des zéros. Mettez la colonne au "
            "format Texte, puis tapez de nouveau les 20 chiffres. Si la carte porte bien ces "
            "zéros, envoyez-la par le formulaire."
        )
    return {"iccid": text}


def phone(name: str) -> Callable[[str], Typed]:
    """Return what reads the phone number of the field ``name``."""

    def read(text: str) -> Typed:
        if _SHORTENED.fullmatch(text):
            raise ValidationError(
                f"Le tableur a abrégé ce numéro en «\u00a0{text}\u00a0». Mettez la colonne au "
                "format Texte, puis tapez de nouveau le numéro."
            )
        if _LOST_ZERO.fullmatch(text):
            return {name: f"0{text}"}
        return {name: f"+{text}" if _LOST_PLUS.fullmatch(text) else text}

    return read


def birth_date(text: str) -> Typed:
    """Read a day: 04/12/1985, or 1985-12-04 as spreadsheets have it.

    Raises:
        ValidationError: it is written in another way.
    """
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()[:3]
    elif found := _DAY.fullmatch(text):
        day, month, year = found.groups()
    elif text:
        raise ValidationError(
            "Écrivez la date avec le jour, le mois et l’année, par exemple 04/12/1985."
        )
    else:
        day = month = year = ""
    return {"birth_date_day": day, "birth_date_month": month, "birth_date_year": year}


def civility(text: str) -> Typed:
    """Read « Madame », « Mme », « M. »."""
    return {"civility": _one_of(_CIVILITIES, text, "Écrivez Madame ou Monsieur.")}


def language(text: str) -> Typed:
    """Read the name of a language; nothing is French."""
    chosen = _one_of(_LANGUAGES, text, "Écrivez français, anglais ou espagnol.")
    return {"language": chosen or Language.FRENCH.value}


def _one_of(words: Mapping[str, tuple[str, ...]], text: str, sentence: str) -> str:
    if not text:
        return ""
    word = folded(text)
    for value, known in words.items():
        if word in known:
            return str(value)
    raise ValidationError(sentence)


def portability(text: str) -> Typed:
    """Read whether the number is kept; what says nothing is left to `judging`."""
    if text and folded(text) not in YES | NO:
        raise ValidationError("Écrivez oui ou non.")
    return {"portability": "oui" if folded(text) in YES else "non" if text else ""}


def identity(text: str) -> Typed:
    """Read the word that stands for the form's tick.

    Raises:
        ValidationError: anything but « oui ».
    """
    if folded(text) not in YES:
        raise ValidationError("Écrivez oui, une fois la pièce d’identité vérifiée.")
    return {"identity_checked": "on"}
