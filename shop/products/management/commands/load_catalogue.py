"""``manage.py load_catalogue``: the deck's six products."""

from typing import Any

from django.core.management.base import BaseCommand

from shop.products.catalogue import CATALOGUE, load_catalogue


class Command(BaseCommand):
    help = "Create the products of the deck that do not exist yet; existing ones stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say so."""
        load_catalogue()
        self.stdout.write(f"{len(CATALOGUE)} products are in the catalogue.")
