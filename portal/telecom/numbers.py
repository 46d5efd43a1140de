"""The useful numbers of the line, for whoever prints them: `knowledge` keeps the list.

The features do not import each other: the one that keeps the list registers here when Django
starts, and the others ask here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class UsefulNumber:
    """A phone number as it is dialled, and what it is for, in French."""

    phone: str
    label: str


Provider = Callable[[], Iterable[UsefulNumber]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Ask ``provider`` from now on; once, however often it is registered."""
    if provider not in _providers:
        _providers.append(provider)


def useful_numbers() -> list[UsefulNumber]:
    """Return the numbers that a beneficiary calls from their line, in the editors' order."""
    return [number for provider in _providers for number in provider()]
