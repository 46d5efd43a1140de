"""What the site has made possible, counted for its home page, without the parts knowing each other.

An app that counts something has a module ``impact`` which registers it; `portal.pages` imports
them when Django starts.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

from portal.structures.models import Structure

KEY = "structures:impact"
FRESH = 3600  # seconds
#: Below, a figure says more of a beginning than of an impact, and of whom.
SMALLEST = 10


@dataclass(frozen=True)
class Figure:
    """A figure as the home page shows it."""

    value: str
    label: str


_counts: dict[str, tuple[str, Callable[[], int]]] = {}


def register(key: str, label: str, count: Callable[[], int]) -> None:
    """Register a figure under ``key``; figures come in the order of their keys.

    Args:
        key: its name, and its place.
        label: what is counted, in the plural: « recharges remises ».
        count: asks the database.

    Raises:
        ValueError: the key is taken.
    """
    if key in _counts:
        raise ValueError(f"Two figures for {key!r}.")
    _counts[key] = label, count


def figures() -> list[Figure]:
    """Return the figures worth showing, an hour old at most."""
    try:
        counted: dict[str, int] = cache.get_or_set(KEY, _count, timeout=FRESH) or {}
    except (RedisError, OSError):
        return []  # the page is drawn all the same, and nothing counts at each request
    return [
        Figure(kindly(counted[key]), _counts[key][0])
        for key in sorted(counted.keys() & _counts.keys())
        if counted[key] >= SMALLEST
    ]


def _count() -> dict[str, int]:
    return {key: count() for key, (_, count) in _counts.items()}


def kindly(number: int) -> str:
    """Return a number that one remembers: its two first digits, « plus de 1 200 » for 1 234."""
    unit = 10 ** max(len(str(number)) - 2, 0)
    rounded = number // unit * unit
    shown = f"{rounded:,}".replace(",", "\u00a0")
    return shown if rounded == number else f"plus de {shown}"


register(
    "30-structures",
    "structures relais",
    lambda: Structure.objects.filter(state=Structure.State.ACTIVE).count(),
)
