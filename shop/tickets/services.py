"""Handing out a ticket, and what a structure chooses for its own."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.privacy.services import record
from portal.structures.models import Membership
from portal.ui.errors import DomainError, NotAllowed
from portal.ui.forms import french_date
from shop.recharges.models import RechargeCode, RechargeCodeQuerySet
from shop.recharges.services import ShownCode, show
from shop.tickets.models import TicketSettings


class NoTicket(DomainError):
    """The number is not one to hand out any more."""

    default_code = "no_ticket"
    default_message = (
        "Ce numéro n’est plus à donner\u00a0: il a été signalé, remplacé ou retiré. "
        "Ouvrez la commande pour voir le numéro à donner à la personne."
    )


def find(membership: Membership, uuid: UUID) -> RechargeCode:
    """Return a code that the member may print, its number left alone.

    Raises:
        RechargeCode.DoesNotExist: it is not one of the structure's.
        NoTicket: it was quarantined, or its last day is over.
    """
    code = _mine(membership, uuid).defer("secret").get()
    _check(code)
    return code


def number_for(*, by: Membership, uuid: UUID) -> ShownCode:
    """Return a code and its number in clear, and record the display.

    Raises:
        RechargeCode.DoesNotExist: it is not one of the structure's.
        NoTicket: it was quarantined, or its last day is over.
    """
    find(by, uuid)
    shown = show(by=by.user, codes=_mine(by, uuid), where="ticket")
    if not shown:  # taken back or quarantined a moment ago
        raise NoTicket
    return shown[0]


def _mine(membership: Membership, uuid: UUID) -> RechargeCodeQuerySet:
    mine = RechargeCode.objects.visible_to(membership).filter(uuid=uuid)
    return mine.select_related("product__terms")


def _check(code: RechargeCode) -> None:
    if code.state != RechargeCode.State.GIVEN:
        raise NoTicket
    if code.expires_on < timezone.localdate():
        raise NoTicket(
            f"Ce numéro n’est plus valable depuis le {french_date(code.expires_on)}. "
            "Passez une nouvelle commande pour la personne."
        )


def code_in_qr(membership: Membership) -> bool:
    """Return whether the structure wants the number inside its QR codes."""
    return TicketSettings.objects.filter(
        structure=membership.structure_id, code_in_qr=True
    ).exists()


@transaction.atomic
def choose_code_in_qr(*, by: Membership, wanted: bool) -> None:
    """Put the number inside the structure's QR codes, or leave it out again.

    Raises:
        NotAllowed: ``by`` is not the structure's lead.
    """
    check_lead(by)
    chosen, _ = TicketSettings.objects.select_for_update().get_or_create(
        structure_id=by.structure_id
    )
    if chosen.code_in_qr == wanted:
        return
    chosen.code_in_qr = wanted
    chosen.save(update_fields=["code_in_qr"])
    record(by=by.user, action="tickets.settings_changed", target=chosen, code_in_qr=wanted)


def check_lead(membership: Membership) -> None:
    """Let the structure's lead pass.

    Raises:
        NotAllowed: somebody else, with a sentence that says who may.
    """
    if not membership.is_structure_lead:
        raise NotAllowed("Seul le référent de votre structure règle les tickets.")
