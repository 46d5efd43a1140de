"""Who prepares and issues invoices: the one permission, and the sentence for everybody else."""

from portal.accounts.models import User
from portal.ui.errors import NotAllowed

MANAGE = "billing.manage_billing"


def check_manager(by: User) -> None:
    """Let a référent or an administrator pass.

    Raises:
        NotAllowed: ``by`` may not touch invoices.
    """
    if not by.has_perm(MANAGE):
        raise NotAllowed("Seul un référent ou un administrateur prépare et émet les factures.")
