"""The *points d'accueil*: where anybody may send people."""

from collections import Counter

from django.db.models import Count, QuerySet
from django.db.models.functions import Left

from portal.structures.departments import NAMES, of_postcode
from portal.structures.models import Structure

OPEN = (Structure.State.CANDIDATE, Structure.State.ACTIVE)


def listed(structures: QuerySet[Structure] | None = None) -> QuerySet[Structure]:
    """Keep the places that the public list shows: listed, neither suspended nor closed."""
    among = Structure.objects.all() if structures is None else structures
    return among.filter(is_listed=True, state__in=OPEN)


def departments() -> list[tuple[str, str, int]]:
    """Return code, name and number of places of each département that has some. One query."""
    starts = listed().order_by().values_list(Left("postcode", 3)).annotate(number=Count("pk"))
    counted: Counter[str] = Counter()
    for start, number in starts:
        counted[of_postcode(start)] += number
    return [(code, name, counted[code]) for code, name in NAMES.items() if counted[code]]


def communes(places: QuerySet[Structure]) -> list[tuple[str, int]]:
    """Return the communes of these places and how many each has. One query."""
    return list(
        places.order_by("city").values_list("city").annotate(number=Count("pk")).exclude(city="")
    )
