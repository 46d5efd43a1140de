"""Fixtures of every test: the cloned database, an empty cache, a browser, a real server."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from portal.embedded import Layout
from tests.support.database import Databases
from tests.support.place import Place

pytest_plugins = ["tests.support.browser", "tests.support.content", "tests.support.server"]

PLACE = Place(Layout.default().run / "places")
PLACE.use_own_redis()


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test alike in each process of pytest-xdist, whatever UUID its parameter drew."""
    if isinstance(val, str) and UUID.search(val):
        return UUID.sub("uuid", val)
    return None


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Databases]:
    """Give this process a clone of the migrated template (``--create-db`` builds both anew)."""
    with django_db_blocker.unblock():
        databases = Databases(PLACE.number)
        databases.create(anew=request.config.getvalue("create_db"))

    def restore(test: TransactionTestCase) -> None:
        """Put the database back after a test that really commits."""
        databases.restore()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", restore)
        yield databases
    with django_db_blocker.unblock():
        databases.release()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Start each test with an empty cache."""
    cache.clear()
