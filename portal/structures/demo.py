"""A demonstration of what waits for a signature: the next avenant of a structure."""

import contextlib

from portal.accounts.models import User
from portal.documents.pdf import PdfUnavailable
from portal.structures.agreements import preparing, signing
from portal.structures.models import Agreement

LABEL = "Printemps connecté"
#: Product, title, asked, given.
NEEDS = (
    ("monde", "Monde", 30, 20),
    ("internet-mobile-8-go", "Internet mobile 8 Go", 15, 15),
)


def load(agreement: Agreement, *, by: User) -> None:
    """Prepare an avenant and send it to be signed, once; it waits where no PDF can be drawn."""
    if agreement.amendments.filter(label=LABEL).exists():
        return
    amendment = preparing.draft_amendment(by=by, agreement=agreement)
    preparing.change_amendment(
        by=by,
        amendment=amendment,
        label=LABEL,
        starts_on=amendment.starts_on,
        ends_on=amendment.ends_on,
        delivery_mode=amendment.delivery_mode,
        needs=[preparing.Need(*need, per_beneficiary=2) for need in NEEDS],
    )
    with contextlib.suppress(PdfUnavailable):
        signing.send_to_sign(amendment, by=by)
