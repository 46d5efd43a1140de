"""What a référent does with one invoice, as they saw it."""

from decimal import Decimal

from django.db import transaction

from portal.accounts.models import User
from portal.ui.errors import DomainError
from portal.ui.text import format_euros
from shop.billing import issuing, runs
from shop.billing.models import Invoice


class TotalChanged(DomainError):
    """The draft costs something else than what was confirmed."""

    default_code = "total_changed"


def issue_as_seen(draft: Invoice, *, seen: Decimal, by: User) -> Invoice | None:
    """Issue a draft if it costs what somebody confirmed; otherwise bring it up to date.

    Args:
        draft: an invoice or a credit note.
        seen: its total on the page that asked, in euros.
        by: a référent or an administrator.

    Returns:
        What was issued; none where all its orders were cancelled.

    Raises:
        TotalChanged: nothing is issued, the draft says its new total.
        FactsMissing, NotAllowed, ClockWentBack: see `shop.billing.issuing.issue`.
    """
    try:
        with transaction.atomic():  # a refusal gives the number back
            issued = issuing.issue(draft, by=by)
            if issued and issued.total != seen:
                raise TotalChanged(
                    "Les commandes ont changé pendant que vous lisiez\u00a0: ce document fait "
                    f"maintenant {format_euros(issued.total)}, au lieu de {format_euros(seen)}. "
                    "Rien n’a été émis\u00a0: relisez-le."
                )
    except TotalChanged:
        runs.refresh(draft)
        raise
    return issued
