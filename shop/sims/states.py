"""The states of a delivery of SIM cards and the moves between them: the one table.

`shop.sims.services` is the one writer; the database refuses what contradicts a state.
"""

from django.db import models


class State(models.TextChoices):
    """Where the cards of an order are."""

    TO_PREPARE = "to_prepare", "À préparer"
    READY = "ready", "Prête à retirer"
    SENT = "sent", "Envoyée"
    RECEIVED = "received", "Reçue"
    CANCELLED = "cancelled", "Annulée"


#: The cards have left the shelf: they belong to the structure.
LEFT = frozenset({State.READY, State.SENT, State.RECEIVED})
MOVES = frozenset(
    {
        (State.TO_PREPARE, State.READY),
        (State.TO_PREPARE, State.SENT),
        (State.TO_PREPARE, State.CANCELLED),
        (State.READY, State.RECEIVED),
        (State.SENT, State.RECEIVED),
    }
)
#: Variant of the badge component.
BADGES = {
    State.TO_PREPARE: "",
    State.READY: "info",
    State.SENT: "info",
    State.RECEIVED: "success",
    State.CANCELLED: "",
}
