"""Taking an order back while nothing of it was used: codes, quota and bill, in one transaction."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.privacy.services import record
from portal.structures.models import Membership
from portal.ui.errors import DomainError
from shop.ordering.models import PlacedOrder, PlacedOrderQuerySet
from shop.quotas.services import give_back
from shop.recharges.services import put_back
from shop.sims.services import cancel_delivery


class NotCancellable(DomainError):
    """The order stays; the message says why."""

    default_code = "not_cancellable"


def cancel_own_order(*, by: Membership, order: UUID, reason: str = "") -> PlacedOrder:
    """Cancel an order of the member's structure.

    Raises:
        PlacedOrder.DoesNotExist: their structure has no such order.
        NotCancellable: a number was shown.
        MoveRefused: its SIM cards have left.
    """
    orders = PlacedOrder.objects.visible_to(by)
    return _cancel(by=by.user, orders=orders, order=order, reason=reason)


def cancel_order(*, by: User, order: UUID, reason: str) -> PlacedOrder:
    """Cancel any structure's order, for a référent.

    Raises:
        PlacedOrder.DoesNotExist: there is no such order.
        NotCancellable: a number was shown, or the reason is missing.
        MoveRefused: its SIM cards have left.
    """
    if not reason.strip():
        raise NotCancellable("Dites pourquoi vous annulez\u00a0: la structure lira ce motif.")
    return _cancel(by=by, orders=PlacedOrder.objects.all(), order=order, reason=reason)


@transaction.atomic
def _cancel(*, by: User, orders: PlacedOrderQuerySet, order: UUID, reason: str) -> PlacedOrder:
    """Take everything back, or nothing.

    Locks in the order of `shop.ordering.services.place_order`: the order's row, its quotas by key,
    its codes. A code that is being shown at this moment is waited for, and then the order stays.
    """
    placed = orders.select_for_update(of=("self",)).select_related("order__user").get(uuid=order)
    if placed.is_cancelled:  # a second click, a second tab: the same answer
        return placed
    lines = list(placed.order.lines.values_list("pk", flat=True))
    give_back(lines)
    if not put_back(lines):
        raise NotCancellable(
            "Cette commande ne peut plus être annulée\u00a0: un de ses numéros a été affiché. "
            "S’il ne fonctionne pas, signalez-le pour qu’il soit remplacé."
        )
    cancel_delivery(by=by, placed=placed)
    placed.cancelled_at, placed.cancelled_by = timezone.now(), by
    placed.cancel_reason = " ".join(reason.split())[:300]
    placed.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    placed.order.set_status("cancelled")  # what Oscar's own reports read
    record(by=by, action="ordering.cancelled", target=placed)
    return placed
