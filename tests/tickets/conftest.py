"""What the tests of tickets share: a partner with a number, and the means to draw PDFs."""

import os

import pytest

from portal.documents.pdf import PdfUnavailable, weasyprint
from shop.recharges.models import RechargeCode
from tests import factories
from tests.shop.conftest import Counter, colleague, partner, stranger, text

__all__ = ("colleague", "partner", "stranger", "text")

SECRET = "0987654321"
NO_LIBRARY = "NO LIBRARY DRAWS PDFS: those tests did not run (`make test` installs them as root)"


@pytest.fixture
def code(partner: Counter) -> RechargeCode:
    """The number of an order of the partner's, not shown to anybody yet."""
    factories.lot("monde", [SECRET])
    partner.order(monde=1)
    return RechargeCode.objects.get()


@pytest.fixture(scope="session")
def drawing() -> None:
    """Fail in CI, and skip elsewhere, where nothing draws PDFs."""
    try:
        weasyprint()
    except PdfUnavailable:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(NO_LIBRARY)
        pytest.skip(NO_LIBRARY)


def path(code: RechargeCode) -> str:
    """Return the address of a code's ticket."""
    return f"/mon-compte/recharges/{code.uuid}/ticket/"
