"""The useful numbers of the line, for whoever prints them: `knowledge` keeps the list.

The features do not import each other: the one that keeps the list registers here when Django
starts, and the others ask here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What the messages of the site tell a number for."""

    BALANCE = "balance"
    TOP_UP = "top_up"


@dataclass(frozen=True)
class UsefulNumber:
    """A phone number as it is dialled, and what it is for, in French.

    Attributes:
        phone: as it is dialled.
        label: what it is for.
        purpose: one of `Purpose`; empty for the others.
    """

    phone: str
    label: str
    purpose: str = ""


#: SFR's own, for a site whose editors have published none.
_USUAL = {Purpose.BALANCE: "950", Purpose.TOP_UP: "952"}

Provider = Callable[[], Iterable[UsefulNumber]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Ask ``provider`` from now on; once, however often it is registered."""
    if provider not in _providers:
        _providers.append(provider)


def useful_numbers() -> list[UsefulNumber]:
    """Return the numbers that a beneficiary calls from their line, in the editors' order."""
    return [number for provider in _providers for number in provider()]


def numbers_by_purpose() -> dict[Purpose, str]:
    """Return the number to call for each purpose: the editors' first, or else SFR's usual one."""
    told: dict[Purpose, str] = {}
    for one in useful_numbers():
        if one.purpose:
            told.setdefault(Purpose(one.purpose), one.phone)
    return {**_USUAL, **told}
