"""Migrations and demo: done once, and again only when something they are made of changed."""

import hashlib
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from portal.devserver.console import Console, Refusal
from portal.devserver.crew import Crew
from portal.embedded.layout import CHECKOUT

MANAGE = [sys.executable, str(CHECKOUT / "manage.py")]
SOURCES = [
    "requirements/base.txt",
    "portal/demo/**/*",
    "portal/settings/*.py",
    *(f"{package}/**/migrations/*.py" for package in ("activation", "knowledge", "portal", "shop")),
]
PROGRESS = 50  # migrations between two sentences
READ = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


def prepare(console: Console, crew: Crew, database_url: str, accounts: Path) -> None:
    """Bring the database up to date and write the demo's accounts to ``accounts``.

    What was done is noted in the database itself, as its comment, so that another database, or
    this one emptied, is never taken for ready.

    Raises:
        Refusal: the database does not answer, or a step failed.
    """
    wanted = f"prepared {fingerprint()}"
    try:
        with psycopg.connect(database_url, connect_timeout=10, autocommit=True) as connection:
            name = connection.info.dbname
            found = connection.execute(READ, [name]).fetchone()
            if found == (wanted,) and accounts.exists():
                console.say("The database is up to date.")
                return
    except psycopg.OperationalError as error:
        raise Refusal(f"The database does not answer: {error}") from error
    migrate(console, crew)
    console.say("Loading the demo …")
    crew.run("load_demo", [*MANAGE, "load_demo"], lambda line: None)
    lines: list[str] = []
    crew.run("demo_accounts", [*MANAGE, "demo_accounts"], lines.append)
    accounts.write_text("".join(f"{line}\n" for line in lines if line.count("\t") == 2))
    with psycopg.connect(database_url, autocommit=True) as connection:
        note(connection, name, wanted)


def migrate(console: Console, crew: Crew) -> None:
    """Apply the migrations, telling how far they are."""
    applied = 0

    def hear(line: str) -> None:
        nonlocal applied
        if line.startswith("  Applying "):
            applied += 1
            if applied % PROGRESS == 0:
                console.say(f"… {applied} migrations applied")

    console.say("Applying migrations (the first time there are some 300, most of a minute) …")
    crew.run("migrate", [*MANAGE, "migrate", "--no-input", "--no-color"], hear)


def fingerprint() -> str:
    """Return a digest of the files that migrations and demo are made of."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(CHECKOUT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(CHECKOUT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def note(connection: psycopg.Connection, name: str, text: str) -> None:
    """Write the database's comment; a role that does not own it prepares every time instead."""
    comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
    try:
        connection.execute(comment.format(sql.Identifier(name), sql.Literal(text)))
    except psycopg.errors.InsufficientPrivilege:
        return
