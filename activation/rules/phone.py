"""French mobile numbers, stored as E.164."""

import re

import phonenumbers
from django.core.exceptions import ValidationError
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

MOBILE_TYPES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
#: Overseas territories have country codes of their own: 590, 596, 594 and 262 (two of them).
OVERSEAS = ("GP", "MQ", "GF", "RE", "YT")
OVERSEAS_CODES = {590, 594, 596, 262}
#: Metropolitan mobiles: 06 and 073 to 079.
_METROPOLITAN = re.compile(r"\+33(?:6|7[3-9])\d+")


def check(text: str) -> str:
    """Return the E.164 form of a mobile number of metropolitan or overseas France.

    Raises:
        ValidationError: unreadable, too short or too long, a fixed line, or a foreign number.
    """
    number = _parse(text)
    for candidate in (number, *_overseas(number)):
        if _is_french_mobile(candidate):
            return _e164(candidate)
    raise _refusal(text, number)


def is_metropolitan(e164: str) -> bool:
    """Return whether the number can be ported: portability stays within métropole."""
    return _METROPOLITAN.fullmatch(e164) is not None


def national(e164: str) -> str:
    """Return a French number in its national form, ``0XXXXXXXXX``."""
    return f"0{phonenumbers.parse(e164).national_number}"


def _parse(text: str) -> PhoneNumber:
    try:
        return phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException as error:
        raise ValidationError(
            "Indiquez un numéro de portable à 10 chiffres, par exemple 06\u00a012\u00a034\u00a0"
            "56\u00a078.",
            code="unreadable",
        ) from error


def _overseas(number: PhoneNumber) -> list[PhoneNumber]:
    """Read the digits again with the overseas codes: 0690… is Guadeloupe, not métropole."""
    if number.country_code != 33:
        return []
    digits = f"0{number.national_number}"
    return [phonenumbers.parse(digits, region) for region in OVERSEAS]


def _is_french_mobile(number: PhoneNumber) -> bool:
    if not phonenumbers.is_valid_number(number):
        return False
    if number.country_code == 33:
        return is_metropolitan(_e164(number))
    return (
        number.country_code in OVERSEAS_CODES and phonenumbers.number_type(number) in MOBILE_TYPES
    )


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _refusal(text: str, number: PhoneNumber) -> ValidationError:
    if number.country_code not in {33, *OVERSEAS_CODES}:
        return ValidationError(
            "Ce numéro n’est pas français. Indiquez un numéro de portable français, en 06 ou 07.",
            code="foreign",
        )
    gap = 9 - len(str(number.national_number))
    if gap:
        plural = "s" if abs(gap) > 1 else ""
        amount = (
            f"Il manque {gap} chiffre{plural}"
            if gap > 0
            else f"Il y a {-gap} chiffre{plural} de trop"
        )
        return ValidationError(
            f"{amount}\u00a0: un numéro de portable compte 10 chiffres.", code="length"
        )
    return ValidationError(
        "Ce numéro n’est pas celui d’un portable. Indiquez un numéro qui commence par 06 ou 07.",
        code="not_mobile",
    )
