"""French typography of money, codes and phone numbers. Pure functions, usable outside templates."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import phonenumbers

_VOWELS = tuple("aeiouyàâéèêëîïôöùûœæAEIOUYÀÂÉÈÊËÎÏÔÖÙÛŒÆ")

NBSP = "\u00a0"
MINUS = "\u2212"
CENT = Decimal("0.01")


def format_euros(amount: object) -> str:
    """Write an amount in euros the French way: ``1 234,50 €``, with non-breaking spaces.

    Args:
        amount: euros, as ``Decimal``, ``int`` or a decimal string.

    Returns:
        The text, or an empty string when there is no amount to show.
    """
    try:
        value = Decimal(str(amount)).quantize(CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return ""
    if not value.is_finite():
        return ""
    sign = MINUS if value < 0 else ""
    digits = f"{abs(value):,.2f}".replace(",", NBSP).replace(".", ",")
    return f"{sign}{digits}{NBSP}€"


def group_digits(value: object, size: int = 2) -> list[str]:
    """Cut a code into groups of ``size`` characters, for reading aloud.

    Args:
        value: the code; its spaces are dropped, its leading zeros kept.
        size: characters in a group.
    """
    text = "".join(str(value if value is not None else "").split())
    return [text[start : start + size] for start in range(0, len(text), size)]


def format_phone(value: object) -> str:
    """Write a phone number the French way: ``+33612345678`` becomes ``06 12 34 56 78``.

    Overseas departments keep their national form; another country's number stays international;
    a short number (1023, 3179) or anything unreadable is returned unchanged.
    """
    text = str(value if value is not None else "").strip()
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    french = {33, 262, 508, 590, 594, 596, 681, 687, 689}
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if number.country_code in french
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, style).replace(" ", NBSP)


def of(text: str) -> str:
    """Return « de mars 2026 », « d’octobre 2026 »: ``de`` loses its vowel before another."""
    return f"d’{text}" if text.startswith(_VOWELS) else f"de {text}"
