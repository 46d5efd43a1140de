"""The first content: loaded once, inside one transaction, for all the tests in a row that want it.

Ten guides, their pictures and the FAQ take seconds to write. Each test stands in a savepoint of
that transaction, so that it changes nothing for the next; a test that wants no content, or that
really commits, begins after its end.
"""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from portal.pages import first_content
from tests.support.database import Databases


class Kept:
    """The transaction around the tests, as long as it is open."""

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self._blocker = blocker
        self._around = transaction.atomic()
        with blocker.unblock():
            self._around.__enter__()
            self.written = first_content.load()
        self.is_open = True

    def end(self) -> None:
        """Take all of it back."""
        if self.is_open:
            self.is_open = False
            with self._blocker.unblock():
                transaction.set_rollback(True)
                self._around.__exit__(None, None, None)


KEPT = pytest.StashKey[Kept]()


def wants(item: pytest.Item) -> bool:
    """Return whether a test stands on the content; a parameter of that name is something else."""
    drawn = getattr(item, "callspec", None)
    is_parameter = drawn is not None and "content" in drawn.params
    return "content" in getattr(item, "fixturenames", ()) and not is_parameter


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those that share the content in a row, after the others that do not commit."""
    last = max((rank for rank, item in enumerate(items) if wants(item)), default=-1)
    items[: last + 1] = sorted(items[: last + 1], key=wants)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Take the content back before a test that did not ask for it."""
    kept = item.config.stash.get(KEPT, None)
    if kept and not wants(item):
        kept.end()


@pytest.fixture(scope="session")
def _kept(
    pytestconfig: pytest.Config, django_db_setup: object, django_db_blocker: DjangoDbBlocker
) -> Iterator[Kept]:
    """Load it, before the first test that wants it begins its own savepoint."""
    pytestconfig.stash[KEPT] = kept = Kept(django_db_blocker)
    yield kept
    kept.end()


@pytest.fixture
def content(_kept: Kept, db: None) -> int:
    """Load the first pages, FAQ and useful numbers; return how many were written."""
    return _kept.written if _kept.is_open else first_content.load()


@pytest.fixture
def published(django_db_setup: Databases, transactional_db: None) -> None:
    """Commit the first content, for a server that runs beside the test."""
    django_db_setup.fill(first_content.load)
