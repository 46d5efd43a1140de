"""Fixtures of every test: the cloned database, an empty cache, a browser, a real server."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import TransactionTestCase

from portal.embedded import Layout
from tests.support.database import Databases
from tests.support.redis import choose_database

pytest_plugins = ["tests.support.browser", "tests.support.server"]

REDIS_LOCK = choose_database(Layout.default().run / "tests")


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[None]:
    """Give this process a clone of the migrated template (``--create-db`` builds that anew)."""
    with django_db_blocker.unblock():
        databases = Databases()
        databases.create(anew=request.config.getvalue("create_db"))

    def restore(test: TransactionTestCase) -> None:
        """After a test that really commits: a fresh clone, with what migrations wrote."""
        databases.clone()

    # Django would empty every table, roles and first pages included.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", restore)
        yield
    with django_db_blocker.unblock():
        databases.remove()
        connections.close_all()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Start each test with an empty cache."""
    cache.clear()
