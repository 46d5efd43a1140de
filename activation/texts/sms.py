"""The SMS of an activated line: one message, in the alphabet of SMS."""

import unicodedata

from django.core.exceptions import ValidationError

from activation.rules import gsm7
from activation.texts import variables
from portal.telecom.numbers import Purpose, numbers_by_purpose
from portal.ui.text import format_phone

VARIABLES = {
    "numero": "le numéro de la ligne",
    "solde": "le numéro à appeler pour voir son solde",
    "recharge": "le numéro à appeler pour recharger",
}
#: A line's number at its longest: those of overseas are a space shorter.
LONGEST = "+33700000000"
#: What keyboards and word processors write, and the alphabet of SMS lacks.
_NEAREST = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "…": "...",
    "–": "-",
    "—": "-",
    "\u2011": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\t": " ",
    "œ": "oe",
    "Œ": "OE",
    "•": "-",
    "°": "o",
}
_NAMES = {"\u00a0": "espace insécable", "\u202f": "espace insécable fine", "\t": "tabulation"}


def values(line_number: str) -> dict[str, str]:
    """Return what the variables stand for, as an SMS writes it.

    Args:
        line_number: E.164.
    """
    useful = numbers_by_purpose()
    return {
        "numero": _plain(format_phone(line_number)),
        "solde": _plain(useful[Purpose.BALANCE]),
        "recharge": _plain(useful[Purpose.TOP_UP]),
    }


def render(body: str, line_number: str) -> str:
    """Return the SMS that leaves.

    Args:
        body: a text of `activation.models.SmsText`.
        line_number: E.164.
    """
    return variables.fill(body, values(line_number))


def length(body: str) -> int:
    """Return how many septets the SMS takes with the longest number of a line."""
    return gsm7.septets(render(body, LONGEST))


def clean(body: str) -> str:
    """Return ``body`` as it is kept.

    Raises:
        ValidationError: each sentence says what is wrong and how to mend it.
    """
    body = body.replace("\r\n", "\n").strip()
    wrong = variables.problems(body, VARIABLES, required=VARIABLES)
    foreign = gsm7.foreign(body)
    wrong += [_foreign(character) for character in foreign]
    over = 0 if foreign else length(body) - gsm7.LIMIT
    if over > 0:
        plural = "s" if over > 1 else ""
        wrong.append(
            f"Le SMS compte {over} caractère{plural} de trop\u00a0: {gsm7.LIMIT} au plus, numéros "
            "compris. Raccourcissez le texte."
        )
    if wrong:
        raise ValidationError(wrong)
    return body


def nearest(character: str) -> str:
    """Return what the alphabet of SMS has in place of a character; nothing where it has nothing."""
    plain = _NEAREST.get(character)
    if plain is None:
        decomposed = unicodedata.normalize("NFKD", character)
        plain = "".join(one for one in decomposed if not unicodedata.combining(one))
    return "" if gsm7.foreign(plain) else plain


def replaced(body: str) -> str:
    """Return ``body`` with the nearest letters of the alphabet of SMS, and no others."""
    foreign = set(gsm7.foreign(body))
    return "".join(nearest(one) if one in foreign else one for one in body)


def _foreign(character: str) -> str:
    name = _NAMES.get(character, character)
    instead = nearest(character)
    mend = {"": "retirez-le", " ": "mettez une espace ordinaire"}.get(
        instead, f"écrivez «\u00a0{instead}\u00a0»"
    )
    return f"«\u00a0{name}\u00a0» n’est pas dans l’alphabet des SMS\u00a0: {mend}."


def _plain(number: str) -> str:
    # The typographic spaces of the site are outside the alphabet of SMS.
    return number.replace("\u00a0", " ")
