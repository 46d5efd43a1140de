"""Numbers that have no place in a message: a recharge number, a SIM card, a person's phone."""

import re
from collections.abc import Iterator
from typing import Final

#: Digits of a recharge number or of a French phone number, and of a SIM card.
LENGTHS: Final = frozenset({10, 20})
#: What people write between two groups of digits.
_BETWEEN = r"[\s.\-/_()]{1,3}"
_RUN = re.compile(rf"\d+(?:{_BETWEEN}\d+)*")
#: A phone number with its country's: « +33 6… », « 00336… », from 9 digits to the 15 of E.164.
_ABROAD = re.compile(rf"(?:\+|(?<!\d)00)\s?[1-9](?:(?:{_BETWEEN})?\d){{8,14}}(?!\d)")
_GROUP = re.compile(r"\d+")
MASK: Final = "[numéro]"


def has_long_number(*texts: str) -> bool:
    """Return whether a text holds 10 or 20 digits in a row, or a phone number from abroad."""
    return any(_spans(text) for text in texts)


def masked(text: str) -> str:
    """Return ``text`` with each such number replaced."""
    parts, end = [], 0
    for start, stop in _spans(text):
        parts += [text[end:start], MASK]
        end = stop
    return "".join([*parts, text[end:]])


def _spans(text: str) -> list[tuple[int, int]]:
    """Return where such numbers stand, none inside another, the first one first."""
    abroad = [one.span() for one in _ABROAD.finditer(text)]
    rest = _ABROAD.sub(lambda one: "#" * len(one.group()), text)
    return sorted([*abroad, *_grouped(rest)])


def _grouped(text: str) -> Iterator[tuple[int, int]]:
    """Yield where groups of digits make a number of one of the `LENGTHS`."""
    for run in _RUN.finditer(text):
        groups = [one.span() for one in _GROUP.finditer(text, run.start(), run.end())]
        first = 0
        while first < len(groups):
            last = _last(groups[first:])
            if last is None:
                first += 1
            else:
                yield groups[first][0], groups[first + last][1]
                first += last + 1


def _last(groups: list[tuple[int, int]]) -> int | None:
    """Return the rank of the group that completes a number begun by the first, the longest."""
    total, found = 0, None
    for rank, (start, stop) in enumerate(groups):
        total += stop - start
        if total in LENGTHS:
            found = rank
        if total >= max(LENGTHS):
            break
    return found
