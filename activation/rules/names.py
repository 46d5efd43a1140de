"""A person's name as SFR receives it."""

import unicodedata

from django.core.exceptions import ValidationError


def check(text: str) -> str:
    """Return a name with its spaces tidied and its letters composed.

    Raises:
        ValidationError: a character that names do not have, or no letter at all.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    for character in name:
        if not (character.isalpha() or unicodedata.combining(character) or character in " -'’."):
            raise ValidationError(
                f"Un nom ne contient pas «\u00a0{character}\u00a0». Recopiez celui de la pièce "
                "d’identité.",
                code="characters",
            )
    if not any(character.isalpha() for character in name):
        raise ValidationError("Recopiez le nom de la pièce d’identité.", code="empty")
    return name


def folded(text: str) -> str:
    """Return a name for comparison: « DURÉ » and « dure » are the same person's."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalpha())
