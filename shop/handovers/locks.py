"""Who waits for whom while a hand-over is noted.

Locks are taken in this order: the person, then the order lines by key, then the codes by key. The
first two are advisory: nothing else of the shop waits for them.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from oscar.core.loading import get_model

from portal.privacy.crypto import fingerprint
from portal.structures.models import Membership
from shop.handovers.limits import Person
from shop.handovers.models import HandOver
from shop.handovers.references import HandOverRefused
from shop.recharges.models import RechargeCode

OrderLine = get_model("order", "Line")


def there(by: Membership, row: HandOver, *, lock: bool = False) -> HandOver:
    """Return a hand-over of the member's structure as it is now.

    Raises:
        HandOverRefused: it is not, or no longer, in their carnet.
    """
    rows = HandOver.objects.visible_to(by).select_related("code").filter(pk=row.pk)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise HandOverRefused(
            "Cette remise n’est plus dans votre carnet\u00a0: un collègue vient de la retirer."
        )
    return found


def lock_person_and_lines(
    person: Person, line_ids: Collection[int | None]
) -> dict[int | None, Any]:
    """Let one hand-over at a time go to a person, and one use a line; return the lines."""
    _advisory_lock(person.fingerprint)
    lines: dict[int | None, Any] = OrderLine.objects.in_bulk(
        [pk for pk in line_ids if pk is not None]
    )
    for pk in sorted(line.pk for line in lines.values()):
        _advisory_lock(fingerprint("handover-line", str(pk)))
    return lines


def _advisory_lock(digest: str) -> None:
    key = int.from_bytes(bytes.fromhex(digest)[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def lock_codes(by: Membership, codes: Sequence[RechargeCode]) -> list[RechargeCode]:
    """Return the codes as they are now; an order that is being cancelled waits, or had them.

    Raises:
        HandOverRefused: one of them cannot be noted.
    """
    wanted = [code.pk for code in codes]
    rows = RechargeCode.objects.visible_to(by).given().filter(pk__in=wanted).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True).defer("secret"))
    if len(found) < len(wanted):
        raise HandOverRefused(
            "Ce numéro n’est plus à noter\u00a0: il a été annulé, ou signalé défectueux."
        )
    if any(code.first_shown_at is None for code in found):
        # What was never shown may still be cancelled and go to somebody else.
        raise HandOverRefused(
            "Ce numéro n’a encore été montré à personne\u00a0: affichez-le d’abord."
        )
    if HandOver.objects.filter(code__in=wanted).exists():
        raise HandOverRefused("Cette remise vient d’être notée par un collègue.")
    return found
