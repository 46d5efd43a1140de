"""The serial number of a SIM card (ICCID): 20 digits on SFR's cards.

``89`` (telecom) + ``33`` (France) + issuer + account + Luhn check digit, after ITU-T E.118.
"""

import re

from django.core.exceptions import ValidationError
from stdnum import luhn

LENGTH = 20
SFR = "893310"
#: Other French issuers, to name the card that a person holds by mistake (ITU-T E.118 list).
ISSUERS = {
    "893301": "Orange",
    "893315": "Free",
    "893320": "Bouygues Telecom",
    "893313": "Lycamobile",
    "893322": "Transatel",
}
_SEPARATORS = re.compile(r"[\s.\-\u2010\u2011–—_/]+")


def clean(text: str) -> str:
    """Return ``text`` without separators nor the filler ``F`` that some readers print."""
    return re.sub(r"[fF]$", "", _SEPARATORS.sub("", text))


def check(text: str) -> str:
    """Return the 20 digits of an SFR card.

    Raises:
        ValidationError: not digits, too few or too many, another operator's card, or a check
            digit that does not fit (Luhn over the 20 digits).
    """
    digits = clean(text)
    _refuse_other_characters(digits)
    issuer = ISSUERS.get(digits[:6])
    if issuer:
        raise ValidationError(
            f"Cette carte est une carte {issuer}. Seules les cartes SFR, dont le numéro commence "
            f"par {SFR}, s’activent ici.",
            code="issuer",
        )
    _refuse_length(len(digits))
    if not digits.startswith(SFR):
        raise ValidationError(
            f"Le numéro d’une carte SFR commence par {SFR}. Vérifiez les premiers chiffres.",
            code="prefix",
        )
    if not luhn.is_valid(digits):
        raise ValidationError(
            "Un chiffre est faux, ou deux chiffres sont inversés. Recopiez le numéro inscrit "
            "sur la carte.",
            code="check_digit",
        )
    return digits


def _refuse_other_characters(digits: str) -> None:
    strange = re.search(r"[^0-9]", digits)
    if strange:
        raise ValidationError(
            f"Le numéro de la carte ne contient que des chiffres\u00a0: remplacez "
            f"«\u00a0{strange[0]}\u00a0».",
            code="characters",
        )


def _refuse_length(length: int) -> None:
    gap = LENGTH - length
    if not gap:
        return
    plural = "s" if abs(gap) > 1 else ""
    amount = (
        f"Il manque {gap} chiffre{plural}" if gap > 0 else f"Il y a {-gap} chiffre{plural} de trop"
    )
    raise ValidationError(
        f"{amount}\u00a0: le numéro de la carte compte {LENGTH} chiffres, vous en avez saisi "
        f"{length}.",
        code="length",
    )
