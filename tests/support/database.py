"""Test databases, cloned from a template that is migrated once.

The template's name carries a digest of every migration of every installed app, so a change makes
a new one. Each test process takes a place, locked for as long as it lives; the place has a
database of its own, which is cloned once and put back to the template's rows from then on.
"""

import contextlib
import hashlib
import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.rows import Baseline

ROOT = Path(__file__).resolve().parents[2]
KEPT_TEMPLATES = 3
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
TURN = 0x45535041  # "ESPA": the advisory lock around all that concerns templates


class Databases:
    """The databases of one test process."""

    def __init__(self, place: int) -> None:
        """Note the maintenance database: the one that the settings name.

        Args:
            place: a number that no other living test process of this checkout has.
        """
        self.settings = connection.settings_dict
        self.maintenance = self.settings["NAME"]
        parts = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
        self.parameters = {
            part: self.settings[key] for part, key in parts.items() if self.settings[key]
        }
        self.digest = digest_of_migrations()
        self.template = f"template_{self.digest}"
        self.name = f"test_{self.digest}_{place}"
        self.fillings: dict[Callable[[], object], Baseline] = {}
        self.clones = 0  # that took the place of this process's database

    def create(self, *, anew: bool = False) -> None:
        """Point Django at this process's database; ``anew`` builds even the template again."""
        with self.connect() as server, turn(server):
            names = databases(server)
            for old in [self.name, self.template] if anew else []:
                drop(server, old)
                names.discard(old)
            if self.template not in names:
                self.build_template(server)
                self.drop_old_templates(server)
            if self.name not in names:
                self.copy(server, self.name)
            with self.connect(self.template) as template:
                self.baseline = Baseline(template)
        self.point_at(self.name)
        self.restore()

    def restore(self) -> None:
        """Put this process's database back to the template's rows, or clone it again."""
        connections.close_all()
        try:
            with self.connect(self.name) as own:
                self.baseline.restore(own)
        except psycopg.Error:
            with self.connect() as server, turn(server):
                drop(server, self.name)
                self.copy(server, self.name)
            self.clones += 1

    def fill(self, load: Callable[[], object]) -> None:
        """Commit what ``load`` writes: by calling it the first time, from then on by its rows.

        Nothing else may have been written since the last `restore`.
        """
        if load not in self.fillings:
            load()
            with self.connect(self.name) as own:
                self.fillings[load] = Baseline(own)
            return
        connections.close_all()
        with self.connect(self.name) as own:
            self.fillings[load].restore(own)

    def wait_until_idle(self) -> None:
        """Wait until no other process asks this database anything: a server answers its last page.

        Twice in a row, since a page asks several times; after two seconds, whatever they do.
        """
        quiet, end = 0, time.monotonic() + 2
        with self.connect(self.name) as own:
            while quiet < 2 and time.monotonic() < end:
                (busy,) = own.execute(BUSY).fetchone() or (0,)
                quiet = 0 if busy else quiet + 1
                time.sleep(0.02)

    def release(self) -> None:
        """Point Django at the maintenance database again."""
        connections.close_all()
        self.point_at(self.maintenance)

    @contextlib.contextmanager
    def another(self, suffix: str) -> Iterator[str]:
        """Yield the connection string of one more clone, for programs that a test starts."""
        name = f"{self.name}_{suffix}"
        with self.connect() as server:
            with turn(server):
                drop(server, name)
                self.copy(server, name)
            try:
                yield make_conninfo(**(self.parameters | {"dbname": name}))
            finally:
                drop(server, name)

    @contextlib.contextmanager
    def connect(self, name: str = "") -> Iterator[psycopg.Connection]:
        """Connect to a database, by default the maintenance one, each statement by itself."""
        target = make_conninfo(**(self.parameters | {"dbname": name or self.maintenance}))
        with psycopg.connect(target, autocommit=True) as server:
            yield server

    def point_at(self, name: str) -> None:
        """Make Django's default connection use the database ``name`` from now on."""
        self.settings["NAME"] = name

    def copy(self, server: psycopg.Connection, name: str) -> None:
        """Copy the template under another name."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        server.execute(statement.format(sql.Identifier(name), sql.Identifier(self.template)))

    def build_template(self, server: psycopg.Connection) -> None:
        """Migrate an empty database, then rename it: a half-built one is never used."""
        draft = f"draft_{self.template}"
        drop(server, draft)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
        self.point_at(draft)
        call_command("migrate", verbosity=0, interactive=False)
        connections.close_all()
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(draft), sql.Identifier(self.template)))

    def drop_old_templates(self, server: psycopg.Connection) -> None:
        """Drop old templates and their clones, unless a test process is using one."""
        rows = server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template!_%' ESCAPE '!'"
            " ORDER BY oid DESC"
        ).fetchall()
        for (template,) in rows[KEPT_TEMPLATES:]:
            digest = template.removeprefix("template_")
            for name in databases(server):
                if name == template or name.startswith(f"test_{digest}_"):
                    with contextlib.suppress(psycopg.errors.ObjectInUse):
                        drop(server, name, force=False)


@contextlib.contextmanager
def turn(server: psycopg.Connection) -> Iterator[None]:
    """Let one test process at a time make, read or copy templates."""
    server.execute("SELECT pg_advisory_lock(%s)", [TURN])
    try:
        yield
    finally:
        server.execute("SELECT pg_advisory_unlock(%s)", [TURN])


def databases(server: psycopg.Connection) -> set[str]:
    """Return the names of the server's databases."""
    return {row[0] for row in server.execute("SELECT datname FROM pg_database")}


def drop(server: psycopg.Connection, name: str, *, force: bool = True) -> None:
    """Drop a database if there is one; ``force`` disconnects whoever is connected to it."""
    statement = "DROP DATABASE IF EXISTS {} WITH (FORCE)" if force else "DROP DATABASE {}"
    server.execute(sql.SQL(statement).format(sql.Identifier(name)))


def digest_of_migrations() -> str:
    """Return a digest of all that a migrated database depends on."""
    digest = hashlib.sha256((ROOT / "requirements" / "dev.txt").read_bytes())
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        module, _ = MigrationLoader.migrations_module(app.label)
        spec = importlib.util.find_spec(module) if module else None
        for directory in (spec.submodule_search_locations or []) if spec else []:
            for path in sorted(Path(directory).glob("*.py")):
                digest.update(f"{app.label}/{path.name}\n".encode())
                digest.update(path.read_bytes())
        roles = Path(app.path, "roles.py")  # the permissions that migrations give to groups
        if roles.exists():
            digest.update(roles.read_bytes())
    return digest.hexdigest()[:16]
