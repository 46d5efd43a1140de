"""How a batch reaches SFR: one interface, whichever way is set up."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from activation.models import Batch


class OperatorGateway(Protocol):
    """A way to SFR. Answers come back through `activation.exchange.answers.apply_each`."""

    #: What the batches that leave by it are marked with.
    name: Batch.Gateway

    def transmit(self, batch: Batch) -> None:
        """Hand a batch on.

        Called inside the transaction that marks its requests: what talks to a network leaves
        through the outbox, a message for each transmission.

        Args:
            batch: saved, with all its transmissions.
        """


def gateway() -> OperatorGateway:
    """Return the way that the setting ``OPERATOR_GATEWAY`` names."""
    made: OperatorGateway = import_string(settings.OPERATOR_GATEWAY)()
    return made
