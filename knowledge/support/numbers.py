"""Numbers that have no place in a message: a recharge number, a SIM card, a person's phone."""

import re
from collections.abc import Iterator
from typing import Final

#: Digits of a recharge number or of a French phone number, and of a SIM card.
LENGTHS: Final = frozenset({10, 20})
#: Groups of digits, as people write them: with a space, a dot or a dash between two.
_RUN = re.compile(r"\d+(?:[ \u00a0\u202f.\-]\d+)*")
_GROUP = re.compile(r"\d+")
MASK: Final = "[numéro]"


def has_long_number(*texts: str) -> bool:
    """Return whether a text holds 10 or 20 digits in a row, cut into groups or not."""
    return any(True for text in texts for _ in _spans(text))


def masked(text: str) -> str:
    """Return ``text`` with each such number replaced."""
    parts, end = [], 0
    for start, stop in _spans(text):
        parts += [text[end:start], MASK]
        end = stop
    return "".join([*parts, text[end:]])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where such numbers stand, none inside another."""
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
