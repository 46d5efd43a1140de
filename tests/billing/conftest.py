"""What several files of these tests stand on."""

from collections.abc import Iterator

import pytest

from portal.celery import app


@pytest.fixture
def queued() -> Iterator[None]:
    """Leave to workers what a commit would do here and now."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True
