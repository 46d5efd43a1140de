"""What happens to the cards of an order. `_move` is the one writer of a delivery's state."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.structures.models import Agreement, Membership
from portal.ui.errors import DomainError, NotAllowed
from shop.sims.addresses import resolve
from shop.sims.models import Delivery, SimCard
from shop.sims.states import MOVES, State

EMAIL_TOPIC = "sims.delivery_moved_email"
#: States that the buyer hears of.
ANNOUNCED = frozenset({State.READY, State.SENT})


class MoveRefused(DomainError):
    """The delivery is not where it should be for that."""

    default_code = "move_refused"


class NotPrepared(DomainError):
    """Cards are still to be scanned."""

    default_code = "not_prepared"


def open_delivery(*, by: Membership, placed: Any, units: int, address: str = "") -> Delivery:
    """Have the cards of a new order prepared, in the order's own transaction.

    Args:
        by: the buyer.
        placed: `PlacedOrder` of the buyer's structure.
        units: cards ordered; at least 1.
        address: public identifier of one of the structure's addresses, or nothing for the usual
            one; cards that are collected need none.

    Raises:
        UnknownAddress: it is none of the structure's.
        NoAddress: there is nowhere to send them.
    """
    mode, text = resolve(by.structure, address)
    return Delivery.objects.create(placed=placed, units=units, mode=mode, address=text)


def delivery_of(placed: Any) -> Delivery | None:
    """Return the delivery of an order, where it holds SIM cards."""
    return Delivery.objects.filter(placed=placed).first()


@transaction.atomic
def cancel_delivery(*, by: User, placed: Any) -> None:
    """Cancel the delivery of an order, where there is one; prepared cards go back to the shelf.

    Raises:
        MoveRefused: the cards have left.
    """
    delivery = delivery_of(placed)
    if delivery is None:
        return
    row = lock(delivery)
    check_move(row, State.CANCELLED)
    row.cards.all().delete()
    row.prepared_by = row.prepared_at = None
    row.cancelled_at = timezone.now()
    _move(row, State.CANCELLED, by=by)


@transaction.atomic
def remove_card(*, by: User, delivery: Delivery, card: UUID) -> None:
    """Take a card out of a delivery that is still being prepared: it may go into another.

    Raises:
        MoveRefused: the cards have left.
        NotAllowed: preparing is not for ``by``.
    """
    check_staff(by)
    row = lock(delivery)
    check_waiting(row)
    gone = row.cards.filter(uuid=card).first()
    if gone is None:
        return
    record(by=by, action="sims.card_removed", target=row, card=str(card))
    gone.delete()
    row.prepared_by = row.prepared_at = None
    row.save(update_fields=["prepared_by", "prepared_at"])


@transaction.atomic
def mark_sent(*, by: User, delivery: Delivery, tracking: str = "") -> Delivery:
    """Note that the parcel left; the buyer is told.

    Args:
        tracking: the carrier's number, where there is one.

    Raises:
        MoveRefused: it left already, or the cards are to be collected.
        NotPrepared: cards are missing.
        NotAllowed: preparing is not for ``by``.
    """
    return _leave(delivery, State.SENT, by=by, tracking=" ".join(tracking.split()))


@transaction.atomic
def mark_ready(*, by: User, delivery: Delivery) -> Delivery:
    """Note that the cards can be collected; the buyer is told.

    Raises:
        MoveRefused: they are already, or they are to be sent.
        NotPrepared: cards are missing.
        NotAllowed: preparing is not for ``by``.
    """
    return _leave(delivery, State.READY, by=by)


@transaction.atomic
def mark_received(*, by: Membership, delivery: Delivery) -> Delivery:
    """Note that the structure has its cards; said twice, it changes nothing.

    Raises:
        MoveRefused: they have not left yet, or are cancelled.
        NotAllowed: ``by`` is of another structure.
    """
    row = lock(delivery)
    if row.placed.structure_id != by.structure_id:
        raise NotAllowed
    if row.state == State.RECEIVED:
        return row
    check_move(row, State.RECEIVED)
    row.received_by, row.received_at = by.user, timezone.now()
    return _move(row, State.RECEIVED, by=by.user)


def lock(delivery: Delivery) -> Delivery:
    """Return the delivery read anew, held until the transaction ends."""
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("placed__order")
    return rows.get(pk=delivery.pk)


def check_staff(by: User) -> None:
    """Let staff who prepare cards pass.

    Raises:
        NotAllowed: ``by`` is none of them.
    """
    if not by.has_perm("sims.prepare_delivery"):
        raise NotAllowed("Seuls les référents et les opérateurs préparent les cartes SIM.")


def check_move(row: Delivery, to: State) -> None:
    """Let a move of the table pass.

    Raises:
        MoveRefused: it is not there.
    """
    if (State(row.state), to) not in MOVES:
        raise _refusal(row)


def check_waiting(row: Delivery) -> None:
    """Let a delivery pass whose cards are still on the shelf.

    Raises:
        MoveRefused: they have left, or it is cancelled.
    """
    if row.state != State.TO_PREPARE:
        raise _refusal(row)


def _refusal(row: Delivery) -> MoveRefused:
    label = row.get_state_display().lower()
    return MoveRefused(
        f"Rien n’a été modifié\u00a0: cette livraison est maintenant «\u00a0{label}\u00a0»."
    )


def _leave(delivery: Delivery, to: State, *, by: User, tracking: str = "") -> Delivery:
    check_staff(by)
    row = lock(delivery)
    check_move(row, to)
    by_mode = State.READY if row.mode == Agreement.Delivery.PICKUP else State.SENT
    if to is not by_mode:
        raise MoveRefused(
            f"Rien n’a été modifié\u00a0: ces cartes sont livrées par "
            f"«\u00a0{row.get_mode_display().lower()}\u00a0»."
        )
    missing = row.units - SimCard.objects.filter(delivery=row).count()
    if missing:
        plural = "s" if missing > 1 else ""
        raise NotPrepared(
            f"Il manque encore {missing} carte{plural}\u00a0: saisissez leurs numéros de série "
            "avant de continuer."
        )
    row.left_at, row.tracking = timezone.now(), tracking
    return _move(row, to, by=by)


def _move(row: Delivery, to: State, *, by: User) -> Delivery:
    """Write the state, its trace and the buyer's message; the caller has checked the move."""
    row.state = to
    row.save()
    record(by=by, action=f"sims.{to.value}", target=row)
    if to in ANNOUNCED:
        enqueue(EMAIL_TOPIC, {"delivery": str(row.uuid)})
    return row
