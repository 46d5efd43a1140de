"""The board of candidatures: by step, with the age of each against what was promised."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.candidatures.models import Candidature, State
from portal.days import working_days_between
from portal.structures.models import Structure
from portal.structures.steps import TITLES, US, YOU, Fact, current_step, facts_of, plan

#: Of those accepted, how many are looked at: the newest, whose steps are still being taken.
NEWEST = 500


@dataclass(frozen=True)
class Card:
    """A candidature on the board; ``age`` in working days since ``since``."""

    candidature: Candidature
    since: dt.date
    age: int
    ball: str
    promised_on: dt.date | None = None

    @property
    def late(self) -> bool:
        """Return whether the promised day is over."""
        return self.promised_on is not None and self.promised_on < timezone.localdate()


@dataclass
class Column:
    """A step, with what stands in it; the most urgent first."""

    title: str
    cards: list[Card] = field(default_factory=list)


def board(*, of: User | None = None) -> list[Column]:
    """Return the columns, those that are empty left out.

    The number of queries does not depend on the number of candidatures.

    Args:
        of: the référent whose candidatures are shown; everybody's by default.
    """
    rows = Candidature.objects.select_related("account_manager", "structure")
    if of is not None:
        rows = rows.filter(account_manager=of)
    columns = [
        Column("Candidatures à étudier", _waiting(rows, State.SUBMITTED, US)),
        Column("À compléter par la structure", _waiting(rows, State.TO_COMPLETE, YOU)),
        *_on_the_way(rows),
    ]
    return [column for column in columns if column.cards]


def _waiting(rows: QuerySet[Candidature], state: State, ball: str) -> list[Card]:
    today = timezone.localdate()
    found = rows.filter(state=state).order_by("promised_on", "pk")
    return [
        Card(
            candidature=one,
            since=(since := timezone.localdate(one.submitted_at)),
            age=working_days_between(since, today),
            ball=ball,
            promised_on=one.promised_on if state == State.SUBMITTED else None,
        )
        for one in found
    ]


def _on_the_way(rows: QuerySet[Candidature]) -> Iterable[Column]:
    """Return the steps of the accepted ones that have not ordered yet."""
    underway = (Structure.State.CANDIDATE, Structure.State.ACTIVE)
    found = rows.filter(state=State.ACCEPTED, structure__state__in=underway).order_by("-pk")
    accepted = [one for one in found[:NEWEST] if one.structure]
    facts = facts_of(one.structure for one in accepted if one.structure)
    columns = {
        number: Column("1. Convention et avenant" if number == 1 else f"{number}. {title}")
        for number, (_, title) in enumerate(TITLES, start=1)
    }
    for one in accepted:
        known = facts[one.structure_id] if one.structure_id else {}
        step = current_step(plan(known))
        if step is None or Fact.ORDERED in known:
            continue
        past = [day for fact, day in known.items() if fact is not Fact.ANSWER_BY]
        since = max(past, default=timezone.localdate(one.created_at))
        age = working_days_between(since, timezone.localdate())
        columns[step.number].cards.append(Card(one, since, age, step.ball, step.promised_on))
    for column in columns.values():
        column.cards.sort(key=lambda card: (card.promised_on or card.since, card.since))
        yield column
