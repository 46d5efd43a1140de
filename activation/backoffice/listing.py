"""A page of the queue: its rows, and what the checks find of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

from activation import checks
from activation.backoffice.asked import Asked
from activation.models import PERSONAL, ActivationRequest, MessageTask
from activation.models.follow_up import Check
from activation.states import CLOSED, State

PER_PAGE = 50
#: PostgreSQL walks over what comes before a page: nobody reads so far, filters are there for it.
MOST_PAGES = 200
#: Open tasks shown above the queue; the next ones appear as they are done.
TASKS_SHOWN = 5
#: The check of the RIO reads it; no list shows it.
_DEFERRED = tuple(name for name in PERSONAL if name != "rio")
BADGES = {
    Check.CHECK_DIGIT: "Chiffre faux",
    Check.SAME_PERSON: "Même personne",
    Check.SAME_CARD: "Carte déjà demandée",
    Check.NOT_DELIVERED: "Carte non livrée",
    Check.ALREADY_SFR: "Déjà chez SFR",
}


@dataclass(frozen=True)
class Flag:
    """What a check found of a row, in two words."""

    label: str
    blocks: bool


@dataclass(frozen=True)
class Row:
    """A line of the queue."""

    request: ActivationRequest
    flags: list[Flag]

    @property
    def is_free(self) -> bool:
        """Whether an operator may take it."""
        return self.request.state == State.SUBMITTED

    @property
    def is_stopped(self) -> bool:
        """Whether a check keeps it from leaving to SFR."""
        return any(flag.blocks for flag in self.flags)


class CappedPaginator(Paginator[ActivationRequest]):
    """Pages up to `MOST_PAGES`, counted no further."""

    object_list: QuerySet[ActivationRequest]

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.rows(), PER_PAGE)
        self.ordering = asked.ordering

    @cached_property
    def found(self) -> int:
        """Return the number of rows, at most one more than the pages hold."""
        return self.object_list.order_by()[: PER_PAGE * MOST_PAGES + 1].count()

    @cached_property
    def count(self) -> int:
        """Return the number of rows that the pages hold."""
        return min(self.found, PER_PAGE * MOST_PAGES)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than the pages hold."""
        return self.found > self.count

    @property
    def items_count_label(self) -> str:
        """Say how many rows there are, for Wagtail's navigation."""
        return f"plus de {self.count} demandes" if self.is_capped else f"{self.count} demandes"

    def page(self, number: int | str) -> Page[ActivationRequest]:
        """Return a page; keys first, so that the rows before it are walked over in the index."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        keys = list(self.object_list.values_list("pk", flat=True)[start : start + self.per_page])
        rows = ActivationRequest.objects.filter(pk__in=keys).defer(*_DEFERRED)
        rows = rows.select_related("structure", "taken_by").order_by(*self.ordering)
        return Page(rows, number, self)


def rows_of(requests: Sequence[ActivationRequest]) -> list[Row]:
    """Return the lines of a page, with the flags that nobody went past. Four queries.

    Nothing is found of closed requests: it is too late for that.
    """
    found = checks.findings([one for one in requests if one.state not in CLOSED])
    return [
        Row(
            one,
            [
                Flag(BADGES[finding.check], finding.blocks)
                for finding in found.get(one.pk, ())
                if finding.is_open
            ],
        )
        for one in requests
    ]


def open_tasks() -> list[MessageTask]:
    """Return the oldest messages that could not be delivered and wait for somebody. One query."""
    waiting = MessageTask.objects.filter(done_at=None).select_related("request")
    return list(
        waiting.order_by("opened_at").only(
            "channel", "opened_at", "request__uuid", "request__state"
        )[:TASKS_SHOWN]
    )


def identifiers(chosen: Sequence[str]) -> list[uuid.UUID]:
    """Return the identifiers among what a form sent."""
    found = []
    for text in chosen:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found
