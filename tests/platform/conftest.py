"""A place of its own for servers that a test kills."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import Layout, Servers


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Return a new directory with a short name, which the server's account may pass.

    pytest's own is closed to other accounts, and closed again by each process of pytest.
    """
    directory = Path(tempfile.mkdtemp(prefix="espace-", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def servers(place: Path) -> Iterator[Servers]:
    """Return embedded servers, not yet started, and stop them afterwards."""
    handle = Servers(Layout(place / "var"))
    yield handle
    assert handle.shut_down()
