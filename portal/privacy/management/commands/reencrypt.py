"""``manage.py reencrypt``: everything encrypted goes under the newest of ``FIELD_KEYS``."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.privacy import rotation
from portal.privacy.crypto import newest_key
from portal.privacy.rotation import Place, Tally

#: A line of progress each so many batches.
PROGRESS = 20
#: Seconds before another pass where rows were locked by others.
PATIENCE = 1.0


class Command(BaseCommand):
    help = (
        "Bring all that is encrypted under the first of FIELD_KEYS, while the site works. It may "
        "be stopped at any moment and started again. Start it once every process knows that key."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the size of a batch and the pause between two."""
        parser.add_argument("--batch", type=int, default=500, help="rows of a transaction")
        parser.add_argument("--pause", type=int, default=0, help="milliseconds between batches")
        parser.add_argument(
            "--check", action="store_true", help="only count; ends with 1 where something is left"
        )

    def handle(self, *, batch: int, pause: int, check: bool, **options: Any) -> None:
        """Pass over every table until a pass finds nothing under an older key.

        Raises:
            CommandError: something is left under older keys (``--check``), or cannot be opened.
        """
        if batch < 1 or pause < 0:
            raise CommandError("--batch is at least 1, and --pause at least 0.")
        total = self.go_through(batch, pause, write=not check)
        while total.old and not check:
            time.sleep(0 if total.done == total.old else PATIENCE)
            total = self.go_through(batch, pause, write=True)
        if total.lost:
            shown = "\n".join(total.lost[:20])
            raise CommandError(
                f"{len(total.lost)} values open under no key of FIELD_KEYS, the first:\n{shown}\n"
                "Put back the key that made them before any other step: remove no key now."
            )
        if total.old:
            raise CommandError(f"{total.old} rows of {total.read} are under older keys.")
        self.stdout.write(f"{total.read} rows: all under key {newest_key()}.")
        self.stdout.write(
            "Older keys may now be removed from FIELD_KEYS; keep them beside the backups made "
            "before."
        )

    def go_through(self, batch: int, pause: int, *, write: bool) -> Tally:
        """Go once through every table; only rows are counted on the way, never shown."""
        total = Tally()
        for place in rotation.places():
            tally = Tally()
            steps = rotation.passes(place, rows=batch, pause=pause / 1000, write=write)
            for number, step in enumerate(steps, start=1):
                tally.add(step)
                if number % PROGRESS == 0:
                    self.say(place, tally, "…")
            if tally.old or tally.lost:
                self.say(place, tally, ".")
            total.add(tally)
        return total

    def say(self, place: Place, tally: Tally, end: str) -> None:
        """Write how far a table is."""
        self.stdout.write(
            f"{place.label}: {tally.read} rows, {tally.old} under older keys, {tally.done} done"
            f"{end}"
        )
        self.stdout.flush()
