"""A kept connection: in use it is not asked, once it was closed it is opened again."""

import time
from collections.abc import Iterator

import pytest
from django.db import connection

from portal.postgres.base import TRUSTED, DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)
LAST = "SELECT query FROM pg_stat_activity WHERE pid = %s"


@pytest.fixture
def kept() -> Iterator[DatabaseWrapper]:
    """Another connection to the same database, looked at once already."""
    another = connection.copy()
    assert isinstance(another, DatabaseWrapper)
    another.connect()
    begin(another)
    yield another
    another.close()


def begin(one: DatabaseWrapper) -> None:
    """Do what Django does where a request begins, and what the first query of it does."""
    one.close_if_unusable_or_obsolete()
    one.health_check_enabled = True
    one.close_if_health_check_failed()


def ask(one: DatabaseWrapper, sql: str, *values: object) -> object:
    """Return the only value that a statement answers."""
    with one.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def last_statement(kept: DatabaseWrapper) -> object:
    """Return what the connection was last asked, as the server knows it."""
    assert kept.connection is not None
    return ask(connection, LAST, kept.connection.info.backend_pid)


def test_a_connection_in_use_is_not_asked_whether_it_lives(kept: DatabaseWrapper) -> None:
    assert last_statement(kept) == "SELECT 1"
    ask(kept, "SELECT 2")
    begin(kept)
    assert last_statement(kept) == "SELECT 2"


def test_a_connection_that_nobody_used_for_a_while_is_asked(kept: DatabaseWrapper) -> None:
    ask(kept, "SELECT 2")
    kept._answered -= TRUSTED
    begin(kept)
    assert last_statement(kept) == "SELECT 1"


def test_a_connection_that_the_server_closed_is_opened_again(kept: DatabaseWrapper) -> None:
    assert kept.connection is not None
    pid = kept.connection.info.backend_pid
    assert ask(connection, "SELECT pg_terminate_backend(%s, 5000)", pid) is True
    deadline = time.monotonic() + 5
    while not kept._has_news() and time.monotonic() < deadline:
        time.sleep(0.01)
    begin(kept)
    assert ask(kept, "SELECT pg_backend_pid()") != pid
