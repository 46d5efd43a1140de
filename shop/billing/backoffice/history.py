"""What was done to an invoice, in words."""

from dataclasses import dataclass

from portal.privacy.models import AuditEntry
from shop.billing.backoffice.panels import SENTENCES
from shop.billing.models import CreditNote, Invoice

SHOWN = 50  # acts on a page
_TYPES = (Invoice._meta.label_lower, CreditNote._meta.label_lower)


@dataclass(frozen=True)
class Act:
    """A row of the trail, as one reads it."""

    entry: AuditEntry

    @property
    def sentence(self) -> str:
        """What was done."""
        return SENTENCES.get(self.entry.action, self.entry.action)

    @property
    def more(self) -> str:
        """The number, and the reason where one was given."""
        details = self.entry.details
        number = details.get("number", "")
        parts = [f"n°\u00a0{number}" if number else "", details.get("reason", "")]
        return ", ".join(part for part in parts if part)


def history(invoice: Invoice) -> list[Act]:
    """Return what was done to an invoice or a credit note, the last act first. One query."""
    found = AuditEntry.objects.filter(target_type__in=_TYPES, target_id=str(invoice.pk))
    return [Act(one) for one in found.select_related("by")[:SHOWN]]
