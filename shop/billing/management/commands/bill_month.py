"""``manage.py bill_month 2026-10``: prepare a month's invoices; again, it changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.outbox.services import deliver_due
from portal.ui.errors import DomainError
from shop.billing import runs
from shop.handovers.months import named, parse, previous, this_month, written


class Command(BaseCommand):
    help = "Prepare the draft invoices of a month that is over; print the totals."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a month."""
        parser.add_argument("month", nargs="?", help="such as 2026-10; the last one by default")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the run, deliver what is due here and now, and say what there is.

        Raises:
            CommandError: the month is none, or not over; nothing is written.
        """
        try:
            run = runs.open_month(parse(options["month"] or written(previous(this_month()))))
        except DomainError as error:
            raise CommandError(error.message) from error
        while runs.to_prepare(run) and deliver_due():  # beside the workers, or without any
            pass
        found = runs.review(run)
        self.stdout.write(
            f"{named(run.month)}\u00a0: {found.invoices} factures ({found.invoiced}\u00a0€), "
            f"{found.credit_notes} avoirs ({found.credited}\u00a0€), {found.drafts} à émettre, "
            f"{found.to_prepare} structures à préparer."
        )
