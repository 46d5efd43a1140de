"""A message to the leads of many structures, each by its own e-mail."""

import uuid

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.accounts.models import User
from portal.outbox.services import enqueue
from portal.portfolio.models import BulkMessage
from portal.portfolio.services import PortfolioRefused
from portal.privacy.models import AuditEntry
from portal.privacy.services import entry, record
from portal.structures.models import Structure

MOST = 2_000  # structures of one message


def reachable(structures: QuerySet[Structure]) -> QuerySet[Structure]:
    """Keep the structures whose lead can be written to; a closed one has nobody."""
    led = Q(
        memberships__is_structure_lead=True,
        memberships__is_active=True,
        memberships__user__is_active=True,
    )
    return structures.exclude(state=Structure.State.CLOSED).filter(led)


@transaction.atomic
def send(
    *, by: User, structures: QuerySet[Structure], subject: str, text: str, key: uuid.UUID, seen: int
) -> BulkMessage:
    """Write to the lead of each structure; a second sending of the same form does nothing.

    Args:
        by: the référent; the message names them.
        structures: those without a lead are left out.
        subject: one line.
        text: plain; an empty line parts paragraphs.
        key: of the form.
        seen: how many structures the preview counted.

    Raises:
        PortfolioRefused: nobody to write to, too many, or not as many as were shown.
    """
    sent = BulkMessage.objects.filter(key=key).first()
    if sent:
        return sent
    chosen = list(reachable(structures).order_by("pk")[: MOST + 1])
    if not chosen:
        raise PortfolioRefused("Aucune de ces structures n’a de référent à qui écrire.")
    if len(chosen) > MOST:
        raise PortfolioRefused(
            f"Un message part à {MOST} structures au plus. Filtrez davantage la liste."
        )
    if len(chosen) != seen:
        raise PortfolioRefused(
            "La liste a changé depuis l’aperçu. Rien n’est parti\u00a0: vérifiez le nouveau nombre."
        )
    message = BulkMessage.objects.create(
        subject=subject, text=text, by=by, key=key, recipients=len(chosen)
    )
    for one in chosen:
        enqueue("portfolio.message", {"message": str(message.uuid), "structure": str(one.uuid)})
    AuditEntry.objects.bulk_create(
        entry(by=by, action="portfolio.message_sent", target=one, message=str(message.uuid))
        for one in chosen
    )
    record(by=by, action="portfolio.bulk_sent", target=message, recipients=len(chosen))
    return message
