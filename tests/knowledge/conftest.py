"""The first content."""

import pytest

from portal.pages import first_content


@pytest.fixture
def content(db: None) -> int:
    """Load the first pages, FAQ and useful numbers; return how many were written."""
    return first_content.load()
