"""Writing some columns of many rows at once.

Django's ``bulk_update`` spells a ``CASE`` out for each row and column: most of a second for 500
requests. Here the values go as arrays, in one statement of one size (PostgreSQL's ``unnest``).
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, models
from django.views.decorators.debug import sensitive_variables
from psycopg import sql


@sensitive_variables()
def write_columns(rows: Sequence[models.Model], names: Collection[str]) -> None:
    """Write the columns ``names`` of saved rows of one model, in one query.

    Args:
        rows: with the new values set.
        names: of concrete fields; encrypted ones are encrypted as on any other way.
    """
    if not rows:
        return
    options = rows[0]._meta
    key: Any = options.pk
    fields: list[Any] = [options.get_field(name) for name in sorted(names)]
    arrays = [
        [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]
        for field in (key, *fields)
    ]
    # The type within a cast is a name of ours, out of the model.
    casts = [sql.SQL(f"%s::{_type(field)}[]") for field in (key, *fields)]
    columns = [sql.Identifier(field.column) for field in fields]
    given = sql.Identifier("given")
    statement = sql.SQL(
        "UPDATE {table} SET {values} FROM unnest({arrays}) AS given ({columns}) "
        "WHERE {table}.{key} = given.{key}"
    ).format(
        table=sql.Identifier(options.db_table),
        values=sql.SQL(", ").join(
            sql.SQL("{0} = {1}.{0}").format(column, given) for column in columns
        ),
        arrays=sql.SQL(", ").join(casts),
        columns=sql.SQL(", ").join([sql.Identifier(key.column), *columns]),
        key=sql.Identifier(key.column),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, arrays)


def _type(field: Any) -> str:
    """Return the bare type that values of ``field`` are sent as."""
    found: str = field.cast_db_type(connection) or field.rel_db_type(connection)
    return found
