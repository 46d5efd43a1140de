"""The team of a structure: its lead invites, deactivates, and hands the lead over.

A structure that has a lead keeps one: the lead cannot be deactivated, only replaced, in one
transaction. Every change takes the structure's row first, so that two at once follow each other,
and looks again at who leads.
"""

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.services import AccountDisabled, renew_invitation
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.structures.models import Membership, Structure
from portal.structures.services import invite_member
from portal.ui.errors import DomainError, NotAllowed


class TeamRefused(DomainError):
    """The team cannot change this way; the message says why."""

    default_code = "team_refused"


class LeadOnly(NotAllowed):
    """Members see the team; its lead changes it."""

    default_message = (
        "Seul le référent de votre structure peut modifier l’équipe. Demandez-lui de le faire."
    )


def members(structure: Structure) -> list[Membership]:
    """Return everybody who is or was a member: the lead, then the active ones, by name."""
    return list(
        Membership.objects.filter(structure=structure)
        .select_related("user")
        .order_by(
            "-is_active", "-is_structure_lead", "user__last_name", "user__first_name", "user__email"
        )
    )


@transaction.atomic
def invite(*, by: Membership, email: str, first_name: str, last_name: str) -> Membership:
    """Add somebody to the team: by a one-time link, or a note where they have a login already.

    Args:
        by: the lead.
        email: in any case; one person has one account whatever their structures.
        first_name: kept where the account is new.
        last_name: kept where the account is new.

    Raises:
        LeadOnly: ``by`` does not lead.
        TeamRefused: they are a member, or were one.
        portal.accounts.services.AccountDisabled: their account is closed.
    """
    _lock_as_lead(by)
    there = Membership.objects.filter(
        structure=by.structure_id, user__email=email.strip().lower()
    ).first()
    if there and there.is_active:
        raise TeamRefused("Cette personne fait déjà partie de votre équipe.")
    if there:
        raise TeamRefused(
            "Cette personne a déjà fait partie de votre équipe\u00a0: réactivez-la dans la liste."
        )
    made = invite_member(
        by=by.user, structure=by.structure, email=email, first_name=first_name, last_name=last_name
    )
    if made.user.has_usable_password():
        payload = {"user": str(made.user.uuid), "structure": str(by.structure.uuid)}
        enqueue("structures.member_added", payload)
    return made


@transaction.atomic
def invite_again(*, by: Membership, member: Membership) -> None:
    """Send a new one-time link to somebody who has not used theirs; the old one is dead.

    Raises:
        LeadOnly: ``by`` does not lead.
        TeamRefused: they are not in the team any more.
        portal.accounts.services.AlreadyActive: they chose a password.
    """
    _lock_as_lead(by)
    row = _row(by, member)
    if not row.is_active:
        raise TeamRefused("Cette personne ne fait plus partie de votre équipe.")
    renew_invitation(by=by.user, user=row.user)


@transaction.atomic
def deactivate(*, by: Membership, member: Membership) -> None:
    """Close the structure to a member, from their next request on; their account stays.

    Raises:
        LeadOnly: ``by`` does not lead.
        TeamRefused: they lead.
    """
    _lock_as_lead(by)
    row = _row(by, member)
    if row.is_structure_lead:
        raise TeamRefused(
            "Une structure a toujours un référent. Confiez d’abord ce rôle à un collègue, qui "
            "pourra ensuite désactiver cet accès."
        )
    if row.is_active:
        _set_active(by, row, active=False)


@transaction.atomic
def reactivate(*, by: Membership, member: Membership) -> None:
    """Open the structure again to a member.

    Raises:
        LeadOnly: ``by`` does not lead.
        portal.accounts.services.AccountDisabled: their account is closed.
    """
    _lock_as_lead(by)
    row = _row(by, member)
    if not row.user.is_active:
        raise AccountDisabled
    if not row.is_active:
        _set_active(by, row, active=True)


@transaction.atomic
def hand_over_lead(*, by: Membership, to: Membership) -> None:
    """Make a colleague the lead in one's stead.

    Raises:
        LeadOnly: ``by`` does not lead (any more).
        TeamRefused: the colleague cannot log in.
    """
    _lock_as_lead(by)
    row = _row(by, to)
    if row.user_id == by.user_id:
        raise TeamRefused("Vous êtes déjà le référent de votre structure.")
    if not may_lead(row):
        raise TeamRefused(
            "Cette personne ne peut pas devenir référente\u00a0: son accès n’est pas actif. "
            "Choisissez un collègue qui s’est déjà connecté."
        )
    # One lead at most, says the database: the old one steps down first.
    Membership.objects.filter(user=by.user_id, structure=by.structure_id).update(
        is_structure_lead=False
    )
    Membership.objects.filter(pk=row.pk).update(is_structure_lead=True)
    record(by=by.user, action="structures.lead_handed_over", target=row)


def may_lead(member: Membership) -> bool:
    """Return whether a member can log in, and so lead."""
    user: User = member.user
    return member.is_active and user.is_active and user.has_usable_password()


def _lock_as_lead(by: Membership) -> None:
    Structure.objects.select_for_update(no_key=True).get(pk=by.structure_id)
    lead = Membership.objects.filter(
        user=by.user_id, structure=by.structure_id, is_active=True, is_structure_lead=True
    )
    if not lead.exists():
        raise LeadOnly


def _row(by: Membership, member: Membership) -> Membership:
    """Return a member of ``by``'s structure as it is now, under the structure's lock."""
    rows = Membership.objects.select_related("user")
    return rows.get(pk=member.pk, structure=by.structure_id)


def _set_active(by: Membership, row: Membership, *, active: bool) -> None:
    row.is_active = active
    row.save(update_fields=["is_active"])
    verb = "reactivated" if active else "deactivated"
    record(by=by.user, action=f"structures.member_{verb}", target=row)
