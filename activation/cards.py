"""Cards, between deliveries and activations: what each side may ask of the other.

`progress` and `held` are what `portal.structures.cards.Activations` promises to the shop.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from activation import presentation
from activation.models import ActivationRequest, ActivationRequestQuerySet
from activation.states import CARD_FREED
from portal.privacy.crypto import fingerprint
from portal.structures.cards import Progress, deliveries


def progress(fingerprints: Collection[str]) -> Mapping[str, Progress]:
    """Return where the cards stand that a live or fulfilled request holds, in one query."""
    found = _holding().filter(iccid_fingerprint__in=fingerprints).without_personal_data()
    return {
        one.iccid_fingerprint: Progress(
            label=one.get_state_display(),
            badge=presentation.badge(one),
            path=reverse("activation:detail", args=[one.uuid]),
        )
        for one in found
    }


def held() -> QuerySet[Any, Any]:
    """Return the fingerprints of all such cards, for a subquery."""
    return _holding().values("iccid_fingerprint")


def _holding() -> ActivationRequestQuerySet:
    return ActivationRequest.objects.exclude(state__in=sorted(CARD_FREED))


def is_foreign(iccid: str, structure_id: int) -> bool:
    """Return whether no delivery brought the card (clean, 20 digits) to the structure.

    A caution and no obstacle: cards were given out before deliveries were kept here.
    """
    mark = fingerprint("iccid", iccid)
    return deliveries.ask.delivered_to([mark]).get(mark) != structure_id
