"""Passwords that are long and yet easy to guess.

The list of common passwords that Django ships holds hardly any of 15 characters, so a long one is
mostly a common one with a tail. Two rules, neither of which asks for a kind of character:

- what stands between the digits and signs at both ends must not be a common password, even
  repeated: ``motdepasse123456``, ``password!password!``;
- without the site's and the person's own words, and without the characters that follow from the
  one before (``aaaa``, ``1234``, ``azerty``), something must be left.

Source: NIST SP 800-63B 3.1.1.2 (blocklist: common, context-specific, repetitive, sequential).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

SITE_WORDS = (
    *("espacerecharges", "recharges", "recharge", "espace", "emmaus", "connect", "sfr"),
    *("solidaire", "solidarite", "offre", "portail", "numerique", "motdepasse", "password"),
)
KEYBOARD_ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm")
#: Characters that nobody could foresee; fewer is a guess away.
LEFT_AT_LEAST = 6
#: What people put between words or at the end.
SEPARATORS = re.compile(r"[-_.,;:!?*+/'’]")

_NEIGHBOURS = frozenset(
    pair
    for row in (*KEYBOARD_ROWS, "01234567890", "abcdefghijklmnopqrstuvwxyz")
    for pair in (*pairwise(row), *pairwise(reversed(row)))
)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


class GuessablePasswordValidator:
    """Refuse a long password that is common, foreseeable or made of known words."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Check ``password`` against the two rules.

        Raises:
            ValidationError: it is easy to guess.
        """
        text = _plain(password)
        if _core(text) in _common() or len(_surprises(text, _words_of(user))) < LEFT_AT_LEAST:
            raise ValidationError(
                "Ce mot de passe est trop facile à deviner. "
                "Prenez quatre ou cinq mots sans rapport entre eux.",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """Say the rule in words."""
        return (
            "Évitez les mots de passe courants, les suites (123456, azerty), votre nom et celui "
            "du site."
        )


def _plain(text: str) -> str:
    """Return ``text`` in lower case, without accents or spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in bare if not unicodedata.combining(c) and not c.isspace())


def _core(text: str) -> str:
    """Return what is repeated, without the digits and signs at both ends."""
    return _unit(re.sub(r"^[\W\d_]+|[\W\d_]+$", "", _unit(text)))


def _unit(text: str) -> str:
    """Return the shortest text that ``text`` is a repetition of: ``abab`` gives ``ab``."""
    size = (text + text).find(text, 1)
    return text[:size] if size > 0 else text


def _words_of(user: AbstractBaseUser | None) -> Iterator[str]:
    """Yield the words of a person's name and address, longest pieces first."""
    for field in ("email", "first_name", "last_name"):
        value = _plain(str(getattr(user, field, "") or ""))
        yield from (word for word in [value, *re.split(r"[\W_]+", value)] if len(word) >= 3)


def _surprises(text: str, words: Iterable[str]) -> str:
    """Return the characters of ``text`` that neither a word nor the one before foretells."""
    for word in sorted({*SITE_WORDS, *words}, key=len, reverse=True):
        text = text.replace(word, " ")
    text = _unit(SEPARATORS.sub(" ", text))
    return "".join(
        char
        for before, char in pairwise(f" {text}")
        if char != " " and char != before and (before, char) not in _NEIGHBOURS
    )
