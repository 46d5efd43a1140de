"""The RIO: what ties a mobile number to its operator, asked for portability.

Twelve characters, ``OO Q RRRRRR CCC``: operator, quality of the line, reference, key. The key
ties them to the number: recomputed here, after the public specification of portability.
"""

import re

from django.core.exceptions import ValidationError

from activation.rules import phone
from portal.telecom.numbers import RIO_PHONE

LENGTH = 12
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+"
SFR_OPERATOR = "02"
#: The editors' number, read when the sentence is shown.
_CALL = {"call": RIO_PHONE}
_SEPARATORS = re.compile(r"[\s.\-\u2010\u2011–—_/]+")
_SHAPE = re.compile(r"[0-9]{2}[A-Z][A-Z0-9]{6}[A-Z0-9+]{3}")


def clean(text: str) -> str:
    """Return ``text`` in capitals without separators; ``+`` belongs to the key and stays."""
    return _SEPARATORS.sub("", text).upper()


def key(head: str, number: str) -> str:
    """Return the three characters that tie ``head`` to ``number``.

    Args:
        head: operator, quality and reference: the first nine characters.
        number: the national form, ``0XXXXXXXXX``.
    """
    a = b = c = 0
    for character in head + number:
        position = ALPHABET.index(character)
        a = (a + position) % 37
        b = (2 * b + position) % 37
        c = (4 * c + position) % 37
    return ALPHABET[a] + ALPHABET[b] + ALPHABET[c]


def check_shape(text: str) -> str:
    """Return a clean RIO of a mobile line, its key not yet compared with a number.

    Raises:
        ValidationError: wrong length or characters, or a fixed line's RIO.
    """
    rio = clean(text)
    gap = LENGTH - len(rio)
    if gap:
        plural = "s" if abs(gap) > 1 else ""
        amount = (
            f"Il manque {gap} caractère{plural}"
            if gap > 0
            else f"Il y a {-gap} caractère{plural} de trop"
        )
        raise ValidationError(
            f"{amount}\u00a0: un code RIO en compte {LENGTH}, par exemple 02P7PG9G9U+1.",
            code="length",
        )
    if not _SHAPE.fullmatch(rio):
        raise ValidationError(
            "Un code RIO commence par deux chiffres et une lettre, suivis de neuf lettres ou "
            "chiffres. Recopiez celui que donne le %(call)s.",
            code="shape",
            params=_CALL,
        )
    if rio[2] not in "PE":
        raise ValidationError(
            "Ce RIO est celui d’une ligne fixe. Appelez le %(call)s depuis le portable dont il "
            "faut garder le numéro.",
            code="fixed_line",
            params=_CALL,
        )
    return rio


def check_number(text: str) -> str:
    """Return the E.164 form of a mobile number that can be kept.

    Raises:
        ValidationError: none is given, it is no French mobile, or not a metropolitan one.
    """
    if not text:
        raise ValidationError("Indiquez le numéro que le bénéficiaire garde.", code="required")
    e164 = phone.check(text)
    if not phone.is_metropolitan(e164):
        raise ValidationError(
            "Seul un numéro de métropole peut être gardé. Choisissez de ne pas garder ce numéro.",
            code="overseas",
        )
    return e164


def check(text: str, e164: str) -> str:
    """Return the clean RIO of the mobile number ``e164``, which `check_number` has accepted.

    Args:
        text: what was typed.
        e164: empty where the number itself is missing or wrong: the key is then not compared.

    Raises:
        ValidationError: no RIO; as `check_shape`; or the key ties the RIO to another number.
    """
    if not text:
        raise ValidationError(
            "Indiquez le code RIO pour garder le numéro\u00a0: appelez le %(call)s depuis ce "
            "portable.",
            code="rio_missing",
            params=_CALL,
        )
    rio = check_shape(text)
    if e164 and rio[9:] != key(rio[:9], phone.national(e164)):
        raise ValidationError(
            "Ce RIO ne correspond pas à ce numéro. Vérifiez les deux, ou appelez de nouveau le "
            "%(call)s depuis ce portable.",
            code="key",
            params=_CALL,
        )
    return rio


def warning(rio: str) -> str:
    """Return a sentence of caution about a valid RIO, or nothing."""
    if rio.startswith(SFR_OPERATOR):
        return (
            "Ce numéro est déjà chez SFR. La demande peut partir, mais SFR peut la traiter "
            "autrement qu’une portabilité."
        )
    return ""
