"""What happened to an order, told in sentences from the audit trail."""

import datetime as dt
from dataclasses import dataclass

from portal.accounts.models import User
from portal.privacy.models import AuditEntry
from portal.structures.file import SENTENCES
from shop.ordering.models import PlacedOrder
from shop.recharges.models import RechargeCode

_SCREENS = {
    "order": "à la commande",
    "history": "dans l’historique",
    "dictation": "pour le dicter",
    "ticket": "sur un ticket",
}
#: What is said here otherwise than on a structure's page, where the number is not at hand.
_OF_A_NUMBER = {
    "recharges.shown": "Numéro affiché",
    "recharges.shown_to_staff": "Numéro affiché à un agent d’Emmaüs Connect",
    "recharges.reported": "Numéro signalé défectueux",
    "recharges.report_decided": "Signalement tranché",
}


@dataclass(frozen=True)
class Step:
    """A line of the timeline."""

    at: dt.datetime
    sentence: str
    who: User | None
    reason: str


def timeline(placed: PlacedOrder) -> list[Step]:
    """Return every recorded act on an order, its numbers and its SIM cards, oldest first."""
    codes = RechargeCode.objects.filter(order_line__order=placed.order_id)
    about = [
        ("ordering.placedorder", [str(placed.pk)]),
        ("recharges.rechargecode", [str(pk) for pk in codes.values_list("pk", flat=True)]),
    ]
    delivery = getattr(placed, "delivery", None)
    if delivery:
        about.append(("sims.delivery", [str(delivery.pk)]))
    rows = AuditEntry.objects.none()
    for target, ids in about:
        rows = rows | AuditEntry.objects.filter(target_type=target, target_id__in=ids)
    return [_step(row) for row in rows.select_related("by").order_by("pk")]


def _step(row: AuditEntry) -> Step:
    sentence = _OF_A_NUMBER.get(row.action) or SENTENCES.get(row.action, row.action)
    where = _SCREENS.get(row.details.get("where", ""), "")
    return Step(
        at=row.at,
        sentence=f"{sentence} {where}".strip(),
        who=row.by,
        reason=str(row.details.get("reason", "")),
    )
