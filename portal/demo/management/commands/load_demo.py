"""``manage.py load_demo``: people, structures, codes and pages to try the portal with."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.demo.load import load


class Command(BaseCommand):
    help = "Load the demonstration; loading it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say so."""
        load()
        self.stdout.write("The demonstration is loaded.")
