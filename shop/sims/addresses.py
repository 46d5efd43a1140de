"""The addresses of a structure, and where its next cards go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import phonenumbers
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.privacy.services import record
from portal.structures.models import Agreement, Membership, Structure
from portal.ui.errors import DomainError
from shop.sims.models import DeliveryAddress

#: France and the overseas departments and collectivities, each with a country code of its own.
_REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "NC", "PF")


class UnknownAddress(DomainError):
    """The address is not one of the structure's any more."""

    default_code = "unknown_address"
    default_message = (
        "Cette adresse de livraison n’existe plus. Rien n’a été commandé\u00a0: choisissez-en une "
        "autre, puis validez."
    )


class NoAddress(DomainError):
    """Nobody knows where to send the cards."""

    default_code = "no_address"
    default_message = (
        "Nous ne savons pas où envoyer vos cartes SIM. Ajoutez une adresse dans Mon compte, page "
        "«\u00a0Adresses\u00a0»\u00a0; votre panier est conservé."
    )


class BadPhone(DomainError):
    """No number of France."""

    default_code = "bad_phone"
    default_message = (
        "Ce numéro de téléphone n’est pas un numéro français. Vérifiez ses 10 chiffres, par "
        "exemple 05 56 00 00 00."
    )


@dataclass(frozen=True)
class Destination:
    """Where the cards of a basket would go, as its page shows it.

    Attributes:
        pickup: they are collected; nothing is sent.
        addresses: those the buyer chooses from, the default first; none where the structure
            keeps none.
        own: the structure's own address, used where it keeps none; may be empty.
    """

    pickup: bool
    addresses: list[DeliveryAddress]
    own: str

    @property
    def obstacle(self) -> str:
        """Why the cards cannot go anywhere, or nothing."""
        known = self.pickup or self.addresses or self.own
        return "" if known else NoAddress.default_message


def delivery_mode(structure: Structure) -> str:
    """Return how the agreement in force says that cards are delivered."""
    today = timezone.localdate()
    bound = (one for one in structure.agreements.all() if one.in_force(today))
    agreement = next(bound, None)
    return agreement.delivery_mode if agreement else Agreement.Delivery.SHIPPING


def own_address(structure: Structure) -> str:
    """Return the label of a parcel to the structure itself, or nothing where parts lack."""
    if not (structure.address and structure.postcode and structure.city):
        return ""
    return f"{structure.name}\n{structure.address}\n{structure.postcode} {structure.city}"


def destination(structure: Structure) -> Destination:
    """Return where cards that ``structure`` orders now would go."""
    if delivery_mode(structure) == Agreement.Delivery.PICKUP:
        return Destination(pickup=True, addresses=[], own="")
    kept = list(structure.delivery_addresses.all())
    return Destination(pickup=False, addresses=kept, own=own_address(structure))


def resolve(structure: Structure, chosen: str) -> tuple[str, str]:
    """Return the mode and the address, in full, of cards that are ordered now.

    Args:
        structure: who orders.
        chosen: the public identifier of an address, or nothing for the usual one.

    Raises:
        UnknownAddress: it is none of the structure's.
        NoAddress: cards are sent, and there is nowhere to send them.
    """
    where = destination(structure)
    if where.pickup:
        return Agreement.Delivery.PICKUP, ""
    if where.obstacle:
        raise NoAddress
    if chosen:
        found = next((one for one in where.addresses if str(one.uuid) == chosen), None)
        if found is None:
            raise UnknownAddress
        return Agreement.Delivery.SHIPPING, found.as_text(structure)
    usual = where.addresses[0].as_text(structure) if where.addresses else where.own
    return Agreement.Delivery.SHIPPING, usual


def check_phone(text: str) -> str:
    """Return a French number, mobile or not, as E.164.

    Raises:
        BadPhone: it is none.
    """
    for region in _REGIONS:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException as error:
            raise BadPhone from error
        if phonenumbers.is_valid_number_for_region(number, region):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise BadPhone


@transaction.atomic
def save(*, by: Membership, address: DeliveryAddress, values: Mapping[str, Any]) -> None:
    """Write an address of the member's structure, new or not; the first one is the default."""
    _lock(by)
    for name, value in values.items():
        setattr(address, name, value)
    if address._state.adding:
        address.structure = by.structure
        address.is_default = not _addresses(by).exists()
    address.save()
    record(by=by.user, action="sims.address_saved", target=address)


@transaction.atomic
def make_default(*, by: Membership, address: DeliveryAddress) -> None:
    """Send the next cards to ``address`` unless a buyer says otherwise."""
    _lock(by)
    _addresses(by).filter(is_default=True).update(is_default=False)
    _addresses(by).filter(pk=address.pk).update(is_default=True)
    record(by=by.user, action="sims.address_default", target=address)


@transaction.atomic
def remove(*, by: Membership, address: DeliveryAddress) -> None:
    """Remove an address; deliveries keep their copy, and the oldest one left is the default."""
    _lock(by)
    record(by=by.user, action="sims.address_removed", target=address)
    _addresses(by).filter(pk=address.pk).delete()
    left = _addresses(by).order_by("pk")
    if not left.filter(is_default=True).exists():
        _addresses(by).filter(pk__in=left.values("pk")[:1]).update(is_default=True)


def find(membership: Membership, uuid: UUID) -> DeliveryAddress | None:
    """Return an address of the member's structure."""
    return _addresses(membership).filter(uuid=uuid).first()


def _addresses(by: Membership) -> QuerySet[DeliveryAddress]:
    return DeliveryAddress.objects.filter(structure=by.structure_id)


def _lock(by: Membership) -> None:
    # Two people who change the default at once: the structure's row makes one wait.
    Structure.objects.select_for_update(of=("self",)).only("pk").get(pk=by.structure_id)
