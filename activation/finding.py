"""Finding a request of one's structure again: by its reference, or by its card."""

import re
from collections import Counter

from django.db.models import Count

from activation.models import ActivationRequestQuerySet
from portal.privacy.crypto import fingerprint
from portal.telecom import iccid

#: Rows that a search shows.
LIMIT = 50
#: Cards that are decrypted to compare their end: the newest ones. More than a structure has alive.
SCANNED = 5000
_COLUMNS = ("uuid", "state", "iccid", "submitted_at", "due_at", "expected_at", "created_by")


def counts(mine: ActivationRequestQuerySet) -> "Counter[str]":
    """Return how many requests stand in each state."""
    found = mine.order_by().values_list("state").annotate(number=Count("pk"))
    return Counter(dict(found))


def newest(mine: ActivationRequestQuerySet) -> ActivationRequestQuerySet:
    """Return the requests as the list shows them, the newest first."""
    return mine.only(*_COLUMNS).select_related("created_by").order_by("-submitted_at", "-pk")


def search(mine: ActivationRequestQuerySet, text: str) -> ActivationRequestQuerySet:
    """Return the requests that a reference, a card or the end of a card names, the newest first.

    Args:
        mine: those of the structure.
        text: as typed. « A1B2-C3D4 », twenty digits, or the last four (or more) of them.
    """
    digits, bare = iccid.clean(text), re.sub(r"[\W_]", "", text).lower()
    if re.fullmatch(r"[0-9]{20}", digits):
        return newest(mine.filter(iccid_fingerprint=fingerprint("iccid", digits)))
    keys: set[int] = set()
    if re.fullmatch(r"[0-9a-f]{8}", bare):
        keys |= set(mine.referenced(bare).values_list("pk", flat=True)[:LIMIT])
    if re.fullmatch(r"[0-9]{4,19}", digits):
        keys |= _ending(mine, digits)
    return newest(mine.filter(pk__in=keys))


def _ending(mine: ActivationRequestQuerySet, end: str) -> set[int]:
    alive = mine.filter(anonymised_at=None).order_by("-submitted_at", "-pk")
    cards = alive.values_list("pk", "iccid")[:SCANNED]
    return {key for key, card in cards if card.endswith(end)}
