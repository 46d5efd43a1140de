"""Who is told of what: identifiers in the outbox, never a word of the thread."""

from collections.abc import Iterable
from typing import Final

from django.db.models import QuerySet

from knowledge.support.models import SupportRequest
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.outbox.services import enqueue, enqueue_each

PARTNER_TOPIC: Final = "support.partner_email"
TEAM_TOPIC: Final = "support.team_email"
DRAFT_TOPIC: Final = "support.faq_draft_email"

NEW, REPLY, ASSIGNED = "new", "reply", "assigned"
ANSWERED, SOLVED = "answered", "solved"


def tell_partner(row: SupportRequest, what: str) -> None:
    """Write to who asked that the request was answered, or is solved."""
    enqueue(PARTNER_TOPIC, {"request": str(row.uuid), "what": what})


def tell_team(row: SupportRequest, what: str) -> None:
    """Write to who follows the request that something waits there."""
    payloads = [
        {"request": str(row.uuid), "to": str(user.uuid), "what": what} for user in followers(row)
    ]
    enqueue_each(TEAM_TOPIC, payloads)


def tell_editors(question: int) -> None:
    """Write to the éditeurs that a draft of the FAQ waits for them."""
    payloads = [
        {"question": question, "to": str(user.uuid)} for user in _active(Role.EDITOR).order_by("pk")
    ]
    enqueue_each(DRAFT_TOPIC, payloads)


def followers(row: SupportRequest) -> Iterable[User]:
    """Return who is told of a request: who follows it, else who follows its structure.

    Where neither is there any more, every référent.
    """
    for user in (row.assigned_to, row.structure.account_manager):
        if user is not None and user.is_active:
            return [user]
    return _active(Role.REFERENT).order_by("pk")


def _active(role: Role) -> QuerySet[User]:
    return User.objects.filter(is_active=True, groups__name=role)
