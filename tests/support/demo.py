"""Load the demo twice into an empty database: the second time must change no table."""

import sys

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from portal.embedded import Layout
from tests.support.database import Databases
from tests.support.place import Place


def main() -> int:
    """Return 1 and name the tables that grew or shrank the second time, or stayed all empty."""
    databases = Databases(Place(Layout.default().run / "places").number)
    databases.create()
    try:
        empty = count_rows()
        call_command("load_demo", verbosity=0)
        once = count_rows()
        call_command("load_demo", verbosity=0)
        twice = count_rows()
    finally:
        databases.restore()
        databases.release()
    changed = [
        f"{table}: {once[table]} → {twice[table]}" for table in once if once[table] != twice[table]
    ]
    for line in changed:
        sys.stdout.write(f"The demo loaded twice changed {line}\n")
    if once == empty:
        sys.stdout.write("The demo loaded nothing.\n")
    return 1 if changed or once == empty else 0


def count_rows() -> dict[str, int]:
    """Return the number of rows of every model's table."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    counts = {}
    with connection.cursor() as cursor:
        for table in sorted(set(tables) & set(connection.introspection.table_names(cursor))):
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 (names of our models)
            counts[table] = cursor.fetchone()[0]
    return counts


if __name__ == "__main__":
    django.setup()
    sys.exit(main())
