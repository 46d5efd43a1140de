"""What the queue is asked for: its filters, read from the address, and the rows they keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from activation.models import ActivationRequest
from activation.states import CLOSED, HELD, TO_DO, State
from portal.accounts.models import User
from portal.portfolio.search import found
from portal.structures.models import Structure

#: A name that more structures than this have in common keeps nothing apart.
MOST_STRUCTURES = 50
PORTABILITY = (("", "Avec ou sans"), ("true", "Avec"), ("false", "Sans"))
TAKEN = (("", "Tout le monde"), ("me", "Moi"), ("nobody", "Personne"))


@dataclass(frozen=True)
class Asked:
    """Filters of the queue; each is empty where it keeps everything.

    Attributes:
        state: one of `State`; otherwise what operators act on.
        portability: ``true`` or ``false``.
        taken: ``me`` or ``nobody``.
        structure: words of its name, town, postcode or SIRET.
        user: who asks.
    """

    state: str
    portability: str
    taken: str
    structure: str
    user: User

    @classmethod
    def of(cls, query: Mapping[str, str], user: User) -> "Asked":
        """Read the filters; a value that is none of theirs keeps everything."""

        def one(name: str, among: object) -> str:
            value = query.get(name, "")
            return value if value in dict(among) else ""  # type: ignore[call-overload]

        return cls(
            state=one("state", State.choices),
            portability=one("portability", PORTABILITY),
            taken=one("taken", TAKEN),
            structure=query.get("structure", "").replace("\0", "").strip()[:100],
            user=user,
        )

    @cached_property
    def structures(self) -> list[int] | None:
        """Return the keys of the structures that are asked for; None where all are. One query."""
        if not self.structure:
            return None
        names = found(Structure.objects.order_by(), self.structure)
        return list(names.values_list("pk", flat=True)[: MOST_STRUCTURES + 1])

    @property
    def is_vague(self) -> bool:
        """Whether too many structures answer to the name."""
        return self.structures is not None and len(self.structures) > MOST_STRUCTURES

    @property
    def is_closed(self) -> bool:
        """Whether closed requests are asked for: the last ones come first."""
        return self.state in CLOSED

    @property
    def ordering(self) -> tuple[str, str]:
        """Return what the rows are sorted on."""
        return ("-deadline_at", "-pk") if self.is_closed else ("deadline_at", "pk")

    def among(self) -> Q:
        """Return the filters that hold for a request in whatever state."""
        kept = Q()
        if self.portability:
            kept &= Q(portability=self.portability == "true")
        if self.structures is not None:
            kept &= Q(structure__in=[] if self.is_vague else self.structures)
        return kept

    def rows(self) -> QuerySet[ActivationRequest]:
        """Return the requests, sorted."""
        states = {State(self.state)} if self.state else TO_DO
        kept = self.among()
        if self.taken == "me":
            kept &= Q(taken_by=self.user)
        elif self.taken == "nobody":  # so says a constraint; and the index knows the state
            states = states - HELD
        rows = ActivationRequest.objects.filter(kept, state__in=sorted(states))
        return rows.order_by(*self.ordering)

    def query(self, **more: object) -> str:
        """Return the filters as an address writes them, with a question mark, or nothing."""
        names = ("state", "portability", "taken", "structure")
        given = {name: getattr(self, name) for name in names} | more
        written = urlencode({name: value for name, value in given.items() if value})
        return f"?{written}" if written else ""
