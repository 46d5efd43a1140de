"""Put a test database back to what its template holds, row by row.

Django would empty every table after a test that commits, roles and first pages included; a new
clone would cost a second, most of it spent creating a thousand files. This takes hundredths.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

TABLES = """
SELECT c.relname,
       EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal),
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
  FROM pg_class c
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
 ORDER BY c.relname
"""
SEQUENCES = (
    "SELECT sequencename, last_value, start_value FROM pg_sequences WHERE schemaname = 'public'"
)


@dataclass(frozen=True)
class Table:
    """A table, whether it has triggers of its own, and the columns that one can write."""

    name: str
    has_triggers: bool
    columns: list[str]

    @property
    def identifier(self) -> sql.Identifier:
        """The quoted name."""
        return sql.Identifier(self.name)

    def copy(self, direction: str) -> sql.Composed:
        """Return the statement that copies the rows ``TO STDOUT`` or ``FROM STDIN``."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("COPY {} ({}) {}").format(self.identifier, columns, sql.SQL(direction))


class Baseline:
    """What a freshly migrated database holds."""

    def __init__(self, connection: psycopg.Connection) -> None:
        """Read every row; there are some hundreds."""
        self.tables = [Table(*row) for row in connection.execute(TABLES)]
        self.sequences = set(connection.execute(SEQUENCES).fetchall())
        self.rows: dict[str, bytes] = {}
        filled = self.filled(connection)
        for table in self.tables:
            if table.name in filled:
                with connection.cursor().copy(table.copy("TO STDOUT")) as rows:
                    self.rows[table.name] = b"".join(rows)

    def restore(self, connection: psycopg.Connection) -> None:
        """Delete what tests wrote, write what they deleted, and set the sequences back.

        Raises:
            psycopg.Error: a test changed tables, or still holds one: only a new clone helps.
        """
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '5s'")
            connection.execute("SET CONSTRAINTS ALL DEFERRED")
            filled = self.filled(connection)
            touched = [t for t in self.tables if t.name in filled or t.name in self.rows]
            guarded = [table for table in touched if table.has_triggers]
            switch(connection, guarded, "DISABLE")
            for table in touched:
                connection.execute(sql.SQL("DELETE FROM {}").format(table.identifier))
            for table in touched:
                if table.name in self.rows:
                    with connection.cursor().copy(table.copy("FROM STDIN")) as rows:
                        rows.write(self.rows[table.name])
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            switch(connection, guarded, "ENABLE")
            self.restore_sequences(connection)

    def restore_sequences(self, connection: psycopg.Connection) -> None:
        """Set back each sequence that moved."""
        moved = set(connection.execute(SEQUENCES).fetchall())
        for name, last, start in self.sequences - moved:
            connection.execute(
                "SELECT setval(quote_ident(%s), %s, %s)", [name, last or start, last is not None]
            )

    def filled(self, connection: psycopg.Connection) -> set[str]:
        """Return the names of the tables that hold at least one row."""
        question = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        each = [question.format(sql.Literal(t.name), t.identifier) for t in self.tables]
        return {row[0] for row in connection.execute(sql.SQL(" UNION ALL ").join(each))}


def switch(connection: psycopg.Connection, tables: list[Table], state: str) -> None:
    """``ENABLE`` or ``DISABLE`` the tables' own triggers, which may forbid to delete a row."""
    for table in tables:
        statement = sql.SQL("ALTER TABLE {} {} TRIGGER USER")
        connection.execute(statement.format(table.identifier, sql.SQL(state)))
