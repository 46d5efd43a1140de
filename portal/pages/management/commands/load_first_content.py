"""``manage.py load_first_content``: the first pages, FAQ and useful numbers."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.pages import first_content


class Command(BaseCommand):
    help = "Write the first pages, FAQ and useful numbers; what exists is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how much was written."""
        self.stdout.write(f"{first_content.load()} written.")
