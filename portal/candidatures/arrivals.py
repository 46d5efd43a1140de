"""Telling the référents that a candidature waits for them."""

from django.db.models import QuerySet

from portal.accounts.models import User
from portal.candidatures.models import Candidature, CandidatureEvent
from portal.outbox.services import enqueue_each

#: What one needs to decide; see `portal.candidatures.backoffice.detail`.
DECIDES = "candidatures.change_candidature"
TOPIC = "candidatures.arrived"


def deciders() -> QuerySet[User]:
    """Return the people in activity whose role lets them decide.

    A superuser without the role may decide too, and is not bothered.
    """
    return User.objects.holding(DECIDES).order_by("pk")


def told_of(candidature: Candidature) -> QuerySet[User]:
    """Return who is told: the one who looks after it, everybody where nobody does (any more)."""
    everybody = deciders()
    if candidature.account_manager is None:
        return everybody
    theirs = everybody.filter(pk=candidature.account_manager.pk)
    return theirs if theirs.exists() else everybody


def announce(event: CandidatureEvent) -> None:
    """Write a message for each of those told, in the caller's transaction.

    Args:
        event: the row of the log that says that it was sent.
    """
    people = told_of(event.candidature).values_list("uuid", flat=True)
    enqueue_each(TOPIC, [{"event": event.pk, "user": str(uuid)} for uuid in people])
