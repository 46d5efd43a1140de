"""The first way to SFR: a file that an operator hands on (`activation.exchange.formats`)."""

from django.utils import timezone

from activation.models import Batch


class FileGateway:
    """Leaves a batch to be downloaded; who makes it sends it."""

    name = Batch.Gateway.FILE

    def transmit(self, batch: Batch) -> None:
        """Mark the batch as taken: a file is taken as it is made."""
        batch.transmissions.update(accepted_at=timezone.now())
