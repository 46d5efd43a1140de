"""The queue's figures, in one query whose cost has a ceiling, whatever waits."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from activation.models import ActivationEvent, ActivationRequest, MessageTask
from activation.states import OPEN, TO_DO, State

#: Counted up to here, exactly; beyond, nobody needs the last digit.
CEILING = 10_000
#: New requests are announced up to this number.
MOST_NEW = 100
#: The states are literals: PostgreSQL then knows how many rows each holds, and which index to take.
_STATES = tuple(state for state in State if state in OPEN)


@dataclass(frozen=True)
class Pulse:
    """Figures of one moment; `told` writes them.

    Attributes:
        states: what waits in each state that is not closed.
        late: what is overdue.
        tasks: messages that could not be delivered.
        newest: key of the last event.
        arrived: requests sent, or sent again, since an earlier ``newest``.
    """

    states: dict[State, int]
    late: int
    tasks: int
    newest: int
    arrived: int

    @property
    def to_do(self) -> int:
        """What operators act on."""
        return sum(self.states[state] for state in TO_DO)

    @property
    def is_capped(self) -> bool:
        """Whether a state holds more than was counted."""
        return any(self.states[state] > CEILING for state in TO_DO)

    @property
    def title(self) -> str:
        """The alert, for the head of the page; empty where nothing is late."""
        return f"{told(self.late)} en retard" if self.late else ""


def told(number: int) -> str:
    """Write a figure, or that there are more."""
    capped = f"{min(number, CEILING):,}".replace(",", "\u202f")
    return f"plus de {capped}" if number > CEILING else capped


def take(since: int | None = None) -> Pulse:
    """Count now. One query.

    Args:
        since: ``newest`` of an earlier pulse; None where nothing was seen before.
    """
    now, seen = timezone.now(), 2**62 if since is None else since
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"now": now, "since": seen})
        *counts, late, tasks, arrived, newest = cursor.fetchone()
    return Pulse(dict(zip(_STATES, counts, strict=True)), late, tasks, newest, arrived)


def _counted(model: type[Model], where: str, limit: int = CEILING + 1) -> str:
    return (
        f"(SELECT count(*) FROM (SELECT FROM {model._meta.db_table} WHERE {where} LIMIT {limit})"  # noqa: S608  (constants)
        " counted)"
    )


def _sql() -> str:
    to_do = ", ".join(f"'{state.value}'" for state in sorted(TO_DO))
    parts = [
        *(_counted(ActivationRequest, f"state = '{state.value}'") for state in _STATES),
        _counted(ActivationRequest, f"state IN ({to_do}) AND deadline_at < %(now)s"),
        _counted(MessageTask, "done_at IS NULL"),
        _counted(
            ActivationEvent,
            "id > %(since)s AND \"to\" = 'submitted' AND origin <> 'in_progress'",
            MOST_NEW,
        ),
        f"(SELECT coalesce(max(id), 0) FROM {ActivationEvent._meta.db_table})",  # noqa: S608
    ]
    return f"SELECT {', '.join(parts)}"


_SQL = _sql()
