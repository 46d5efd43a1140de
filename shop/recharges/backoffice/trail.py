"""What was done to a code or a lot, in words."""

from dataclasses import dataclass

from django.db import models

from portal.privacy.models import AuditEntry

SEARCHED = "recharges.searched"
SHOWN = 100  # acts on a page
_ACTS = {
    SEARCHED: "Cherché",
    "recharges.shown": "Affiché par la structure",
    "recharges.shown_to_staff": "Affiché par l’équipe",
    "recharges.reported": "Signalé défectueux",
    "recharges.lot_imported": "Importé",
    "recharges.lot_withdrawn": "Retiré du stock",
    "recharges.lot_restored": "Remis en stock",
    "recharges.expired": "Expiré",
}
_SCREENS = {
    "order": "page de la commande",
    "history": "historique",
    "dictation": "dictée",
    "ticket": "ticket",
}


@dataclass(frozen=True)
class Act:
    """A row of the trail, as one reads it."""

    entry: AuditEntry

    @property
    def act(self) -> str:
        """What was done."""
        return _ACTS.get(self.entry.action, self.entry.action)

    @property
    def more(self) -> str:
        """The reason, the screen, the number of codes."""
        details = self.entry.details
        count = details.get("codes")
        where = details.get("where", "")
        parts = [
            f"{count} numéros" if count is not None else "",
            _SCREENS.get(where, where),
            details.get("reason", ""),
        ]
        return ", ".join(part for part in parts if part)


def trail(target: models.Model) -> list[Act]:
    """Return what was done to an object, the last act first, in one query."""
    entries = AuditEntry.objects.filter(
        target_type=target._meta.label_lower, target_id=str(target.pk)
    ).select_related("by")
    return [Act(one) for one in entries[:SHOWN]]
