"""Who treats requests: the one permission, and the sentence for everybody else."""

from portal.accounts.models import User
from portal.ui.errors import NotAllowed

PROCESS = "activation.process_activationrequest"
_REFUSAL = "Seul un opérateur traite les demandes d’activation."


def check_operator(by: User, refusal: str = _REFUSAL) -> None:
    """Let an operator pass.

    Args:
        by: who acts.
        refusal: what somebody else is told.

    Raises:
        NotAllowed: ``by`` is no operator.
    """
    if not by.has_perm(PROCESS):
        raise NotAllowed(refusal)
