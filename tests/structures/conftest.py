"""What the tests of agreements share: the means to draw PDFs."""

from tests.tickets.conftest import drawing

__all__ = ("drawing",)
