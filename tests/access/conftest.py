"""The world that each file of access tests walks through: built once, put away after the file."""

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from portal.outbox.tasks import HEARTBEAT
from tests.access.world import World
from tests.support.database import Databases


@pytest.fixture(scope="module")
def everything(
    django_db_setup: Databases,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """Write one of everything into this process's database, for the tests of one file."""
    media = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=str(media)), django_db_blocker.unblock():
        try:
            yield World()
        finally:
            django_db_setup.restore()


@pytest.fixture
def world(everything: World, db: None) -> World:
    """Return the world as it was built: what the test writes is forgotten after it."""
    cache.set(HEARTBEAT, time.time() + 3600)  # a worker is alive, however long the test lasts
    return everything
