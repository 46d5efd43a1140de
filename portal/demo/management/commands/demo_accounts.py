"""``manage.py demo_accounts``: one line a role, tab-separated: role, e-mail, password."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.demo.accounts import PASSWORD, PEOPLE


class Command(BaseCommand):
    help = "Print the demo accounts: role, e-mail, password, separated by tabs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line an account."""
        for person in PEOPLE:
            self.stdout.write(f"{person.role.lower()}\t{person.email}\t{PASSWORD}")
