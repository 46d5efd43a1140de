"""The useful numbers of the line, for whoever prints them: `knowledge` keeps the list.

The features do not import each other: the one that keeps the list registers here when Django
starts, and the others ask here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import lazy


class Purpose(StrEnum):
    """What the site's own sentences and messages tell a number for."""

    BALANCE = "balance"
    TOP_UP = "top_up"
    RIO = "rio"


@dataclass(frozen=True)
class UsefulNumber:
    """A phone number as it is dialled, and what it is for, in French.

    Attributes:
        phone: as it is dialled.
        label: what it is for.
        purpose: one of `Purpose`; empty for the others.
        facts: from which line, for how much, and when: « depuis la ligne SFR · Gratuit ».
    """

    phone: str
    label: str
    purpose: str = ""
    facts: str = ""


#: SFR's own, for a site whose editors have published none.
_USUAL = {Purpose.BALANCE: "950", Purpose.TOP_UP: "952", Purpose.RIO: "3179"}


def dialled(phone: str) -> str:
    """Return a phone number without its spaces, as it is dialled."""
    return "".join(phone.split())


Provider = Callable[[], Iterable[UsefulNumber]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Ask ``provider`` from now on; once, however often it is registered."""
    if provider not in _providers:
        _providers.append(provider)


def useful_numbers() -> list[UsefulNumber]:
    """Return the numbers that a beneficiary calls from their line, in the editors' order."""
    return [number for provider in _providers for number in provider()]


def by_purpose(listed: Sequence[UsefulNumber] | None = None) -> dict[Purpose, UsefulNumber]:
    """Return the number to call for each purpose: the editors' first, or else SFR's usual one.

    Args:
        listed: the useful numbers, where they are known already.
    """
    told = {purpose: UsefulNumber(phone, "", purpose) for purpose, phone in _USUAL.items()}
    for one in reversed(useful_numbers() if listed is None else listed):
        if one.purpose:
            told[Purpose(one.purpose)] = one
    return told


def numbers_by_purpose() -> dict[Purpose, str]:
    """Return what to dial for each purpose."""
    return {purpose: one.phone for purpose, one in by_purpose().items()}


_once: ContextVar[dict[Purpose, str] | None] = ContextVar("useful_numbers", default=None)


@contextmanager
def told_once() -> Iterator[None]:
    """Read the list once, at most, for all the sentences that are written inside."""
    token = _once.set({})
    try:
        yield
    finally:
        _once.reset(token)


def _rio() -> str:
    told = _once.get()
    if told is None:
        return numbers_by_purpose()[Purpose.RIO]
    if not told:
        told.update(numbers_by_purpose())
    return told[Purpose.RIO]


#: The number that tells the RIO, for sentences that are written before the list can be read: it
#: is read when they are shown.
RIO_PHONE: Any = lazy(_rio, str)()
