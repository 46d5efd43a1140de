"""Who takes which request: the most urgent free one, several at once, another operator's."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet

from activation import moves
from activation.models import ActivationRequest
from activation.rights import PROCESS, check_operator
from activation.states import State
from portal.accounts.models import User


@transaction.atomic
def take_next(*, by: User, among: Q | None = None) -> ActivationRequest | None:
    """Make ``by`` the operator of the most urgent free request; None where none is free.

    Fifty operators who ask at once get fifty different ones: each steps over the rows that the
    others are taking, and waits for nobody.

    Args:
        by: an operator.
        among: only of these requests.

    Raises:
        NotAllowed: ``by`` is no operator.
    """
    check_operator(by)
    free = ActivationRequest.objects.filter(among or Q(), state=State.SUBMITTED)
    found = (
        free.without_personal_data()
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("deadline_at", "pk")
        .first()
    )
    return moves.move(found, State.IN_PROGRESS, by=by) if found else None


def take_each(requests: Collection[ActivationRequest], *, by: User) -> moves.Outcome:
    """Make ``by`` the operator of each free request among these; the others are refused."""
    return moves.move_each(
        [moves.Wish(one.pk, State.IN_PROGRESS) for one in requests],
        by=by,
    )


def operators() -> QuerySet[User]:
    """Return the active people who treat requests, by name."""
    return User.objects.holding(PROCESS).order_by("last_name", "first_name", "pk")
