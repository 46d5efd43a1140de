"""Test databases, cloned from a template that is migrated once.

The template's name carries a digest of every migration of every installed app, so a change makes
a new one. Each test process clones its own database, under its own identity: two runs at once
do not meet, and what a killed run left is dropped by the next one.
"""

import contextlib
import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
KEPT_TEMPLATES = 3
TURN = 0x45535041  # "ESPA": the advisory lock under which the template is built


class Databases:
    """The databases of one test process."""

    def __init__(self) -> None:
        """Note the maintenance database: the one that the settings name."""
        self.settings = connection.settings_dict
        self.maintenance = self.settings["NAME"]
        self.template = f"template_{digest_of_migrations()}"
        process = psutil.Process()
        self.name = f"test_{process.pid}_{int(process.create_time())}"

    def create(self, *, anew: bool = False) -> None:
        """Point Django at a fresh clone of the template; ``anew`` builds the template again."""
        with self.connect() as server:
            # Held for the session: a second process waits here until the template is there.
            server.execute("SELECT pg_advisory_lock(%s)", [TURN])
            if anew:
                self.drop_template(server, self.template)
            if not exists(server, self.template):
                self.build_template(server)
            self.drop_leftovers(server)
        self.clone()

    def clone(self) -> None:
        """Replace this process's database by a fresh clone of the template."""
        connections.close_all()
        with self.connect() as server:
            drop(server, self.name)
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            server.execute(
                statement.format(sql.Identifier(self.name), sql.Identifier(self.template))
            )
        self.point_at(self.name)

    def remove(self) -> None:
        """Drop this process's database."""
        connections.close_all()
        with self.connect() as server:
            drop(server, self.name)
        self.point_at(self.maintenance)

    @contextlib.contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """Connect to the maintenance database, each statement by itself."""
        parameters = {
            "dbname": self.maintenance,
            "user": self.settings["USER"],
            "password": self.settings["PASSWORD"],
            "host": self.settings["HOST"],
            "port": self.settings["PORT"],
        }
        given = {key: value for key, value in parameters.items() if value}
        with psycopg.connect(**given, autocommit=True) as server:
            yield server

    def point_at(self, name: str) -> None:
        """Make Django's default connection use the database ``name`` from now on."""
        self.settings["NAME"] = name

    def build_template(self, server: psycopg.Connection) -> None:
        """Migrate an empty database, then rename it: a half-built one is never used."""
        draft = f"draft_{os.getpid()}"
        drop(server, draft)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
        self.point_at(draft)
        call_command("migrate", verbosity=0, interactive=False)
        connections.close_all()
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(draft), sql.Identifier(self.template)))
        mark = sql.SQL("ALTER DATABASE {} IS_TEMPLATE true")
        server.execute(mark.format(sql.Identifier(self.template)))

    def drop_leftovers(self, server: psycopg.Connection) -> None:
        """Drop old templates and the databases of test processes that no longer live."""
        rows = server.execute(
            "SELECT datname, EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)"
            " FROM pg_database d ORDER BY oid DESC"
        ).fetchall()
        templates = [name for name, _ in rows if name.startswith("template_")]
        for name in templates[KEPT_TEMPLATES:]:
            if name != self.template:
                self.drop_template(server, name)
        for name, in_use in rows:
            if not in_use and is_abandoned(name):
                drop(server, name)

    def drop_template(self, server: psycopg.Connection, name: str) -> None:
        """Drop a template, which must first stop being one."""
        if exists(server, name):
            unmark = sql.SQL("ALTER DATABASE {} IS_TEMPLATE false")
            server.execute(unmark.format(sql.Identifier(name)))
            drop(server, name)


def exists(server: psycopg.Connection, name: str) -> bool:
    """Whether the server has a database of that name."""
    query = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)"
    return server.execute(query, [name]).fetchone() == (True,)


def drop(server: psycopg.Connection, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    server.execute(statement.format(sql.Identifier(name)))


def is_abandoned(name: str) -> bool:
    """Whether the database belongs to a test process that is gone."""
    draft = re.fullmatch(r"draft_(\d+)", name)
    if draft:
        return not psutil.pid_exists(int(draft[1]))
    test = re.fullmatch(r"test_(\d+)_(\d+)", name)
    if not test:
        return False
    try:
        return int(psutil.Process(int(test[1])).create_time()) != int(test[2])
    except psutil.NoSuchProcess:
        return True


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
