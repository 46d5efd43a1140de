"""Registries: what parts that do not know each other put under a key."""

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
T = TypeVar("T")


def keeper(book: dict[K, T], key: K, what: str = "") -> Callable[[T], T]:
    """Return what writes a provider into ``book`` under ``key``, and gives it back: a decorator.

    Args:
        what: the kind of thing, for the error: ``the panel``.

    Raises:
        ValueError: when the provider is given, the key is taken.
    """

    def keep(provider: T) -> T:
        if key in book:
            raise ValueError(f"Two providers for {what}{' ' if what else ''}{key!r}.")
        book[key] = provider
        return provider

    return keep
