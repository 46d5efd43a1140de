"""What deliveries and activations tell each other of a SIM card, without knowing each other.

The shop knows which cards a structure received; the activation knows which ones are used. Each
registers what it can tell when Django starts; a card is named by its fingerprint
(``crypto.fingerprint("iccid", digits)``) or by the public identifier of its delivery.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from portal.structures.models import Membership


@dataclass(frozen=True, repr=False)
class ReceivedCard:
    """A card in the structure's hands. No ``repr``: it would show the number."""

    iccid: str
    received_at: dt.datetime
    order_number: str


@dataclass(frozen=True)
class Progress:
    """How far the activation of a card is: words, variant of the badge, page."""

    label: str
    badge: str
    path: str


class Deliveries(Protocol):
    """What the shop tells."""

    def received_card(self, membership: Membership, card: UUID) -> ReceivedCard | None:
        """Return a card that the member's structure has received; none of any other."""

    def delivered_to(self, fingerprints: Collection[str]) -> Mapping[str, int]:
        """Return the key of the structure that each card was sent to, if it was, in one query."""


class Activations(Protocol):
    """What the activation tells."""

    def progress(self, fingerprints: Collection[str]) -> Mapping[str, Progress]:
        """Return where the cards stand that a live or fulfilled request holds, in one query."""

    def held(self) -> QuerySet[Any, Any]:
        """Return the fingerprints of all such cards, for a subquery."""


T = TypeVar("T")


class Port(Generic[T]):
    """A place that one app fills when Django starts and another asks."""

    def __init__(self) -> None:
        self._provider: T | None = None

    def register(self, provider: T) -> None:
        """Fill the place."""
        self._provider = provider

    @property
    def ask(self) -> T:
        """Return who answers.

        Raises:
            LookupError: the app that should is not installed.
        """
        if self._provider is None:
            raise LookupError("Nobody answers for SIM cards: an app is missing.")
        return self._provider


deliveries: Port[Deliveries] = Port()
activations: Port[Activations] = Port()
