"""What the rest of the portal may ask of deliveries: `portal.structures.cards.Deliveries`."""

from collections.abc import Collection
from uuid import UUID

from portal.structures.cards import ReceivedCard
from portal.structures.models import Membership
from shop.sims.models import SimCard


def received_card(membership: Membership, card: UUID) -> ReceivedCard | None:
    """Return a card that the member's structure has received; none of any other."""
    mine = SimCard.objects.received_by(membership).select_related("delivery__placed__order")
    found = mine.filter(uuid=card).first()
    if found is None or found.delivery.received_at is None:
        return None
    return ReceivedCard(
        iccid=found.iccid,
        received_at=found.delivery.received_at,
        order_number=found.delivery.placed.order.number,
    )


def delivered_to(fingerprints: Collection[str]) -> dict[str, int]:
    """Return the key of the structure that each card was sent to, if it was, in one query."""
    sent = SimCard.objects.delivered().filter(iccid_fingerprint__in=fingerprints)
    return dict(sent.values_list("iccid_fingerprint", "delivery__placed__structure"))
