"""A way to SFR that dies: the process is killed once requests are marked, before the commit."""

import os
import signal

from activation.models import Batch


class DeadlyGateway:
    """Kills its process in the middle of the transaction, as a machine that fails would."""

    name = Batch.Gateway.FILE

    def transmit(self, batch: Batch) -> None:
        """Die: nothing is rolled back, flushed or closed by us."""
        os.kill(os.getpid(), signal.SIGKILL)
