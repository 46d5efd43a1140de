"""The structures as a référent lists them: filters, and what waits for them first."""

from typing import Any

import django_filters
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, QueryDict
from wagtail.admin.filters import WagtailFilterSet

from portal.portfolio.services import referents
from portal.structures import file
from portal.structures.departments import NAMES, postcodes_of
from portal.structures.models import Structure

MINE, ALL, NOBODY = "mine", "all", "none"
#: What a place that people are sent to must say.
LACKS = Q(address="") | Q(postcode="") | Q(city="") | Q(latitude__isnull=True)


def with_waiting(structures: QuerySet[Structure]) -> QuerySet[Structure]:
    """Add ``waiting``: how many things wait for a référent. A query for each part that counts."""
    by_number: dict[int, list[int]] = {}
    for key, number in file.waiting().items():
        by_number.setdefault(number, []).append(key)
    cases = [When(pk__in=keys, then=Value(number)) for number, keys in by_number.items()]
    waiting = Case(*cases, default=Value(0), output_field=IntegerField())
    return structures.annotate(waiting=waiting)


def in_department(structures: QuerySet[Structure], code: str) -> QuerySet[Structure]:
    """Keep the structures of a département."""
    begins = Q()
    for start in postcodes_of(code):
        begins |= Q(postcode__startswith=start)
    return structures.filter(begins)


def manager_choices() -> list[tuple[str, str]]:
    """Return whose portfolios one may look at."""
    others = [(str(one.uuid), str(one)) for one in referents()]
    return [(MINE, "Les miennes"), (ALL, "Toutes"), (NOBODY, "Sans référent"), *others]


class StructureFilters(WagtailFilterSet):
    """Whose, where they stand, what they are, where, and what waits."""

    manager = django_filters.ChoiceFilter(
        label="Portefeuille", empty_label=None, method="keep_manager"
    )
    waits = django_filters.ChoiceFilter(
        label="Ce qui attend",
        choices=(("yes", "Quelque chose m’attend"), ("facts", "Fiche à compléter")),
        empty_label="Tout",
        method="keep_waiting",
    )
    state = django_filters.ChoiceFilter(
        label="État", choices=Structure.State.choices, empty_label="Tous"
    )
    kind = django_filters.ChoiceFilter(
        label="Type", choices=Structure.Kind.choices, empty_label="Tous"
    )
    department = django_filters.ChoiceFilter(
        label="Département",
        choices=[(code, f"{code} {name}") for code, name in NAMES.items()],
        empty_label="Tous",
        method="keep_department",
    )
    is_listed = django_filters.ChoiceFilter(
        label="Point d’accueil public",
        choices=(("True", "Oui"), ("False", "Non")),
        empty_label="Oui ou non",
    )

    class Meta:
        model = Structure
        fields = ("manager", "waits", "state", "kind", "department", "is_listed")

    def __init__(
        self, data: QueryDict | None = None, *args: Any, request: HttpRequest, **kwargs: Any
    ) -> None:
        """Begin with one's own portfolio, or with every structure where one has none."""
        typed = data.copy() if data is not None else QueryDict(mutable=True)
        follows = Structure.objects.filter(account_manager=request.user.pk).exists()
        initial = MINE if follows else ALL
        typed.setdefault("manager", initial)
        super().__init__(typed, *args, request=request, **kwargs)
        # Read once: the field, its tag and its list ask for the choices each.
        self.filters["manager"].extra |= {"initial": initial, "choices": manager_choices()}

    def keep_manager(
        self, found: QuerySet[Structure], name: str, value: str
    ) -> QuerySet[Structure]:
        """Keep a portfolio."""
        if value == ALL:
            return found
        if value == NOBODY:
            return found.filter(account_manager__isnull=True)
        if value == MINE:
            return found.filter(account_manager=self.request.user)
        return found.filter(account_manager__uuid=value)

    def keep_waiting(
        self, found: QuerySet[Structure], name: str, value: str
    ) -> QuerySet[Structure]:
        """Keep where something waits, or where the public page lacks something."""
        if value == "facts":
            return found.filter(LACKS, is_listed=True)
        return found.filter(pk__in=list(file.waiting()))

    def keep_department(
        self, found: QuerySet[Structure], name: str, value: str
    ) -> QuerySet[Structure]:
        """Keep a département."""
        return in_department(found, value)
