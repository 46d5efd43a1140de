"""The account of a structure opens: each member gets a one-time link, never a password."""

from portal.accounts.models import User
from portal.accounts.services import renew_invitation
from portal.structures import lifecycle
from portal.structures.agreements.mails import tell
from portal.structures.models import Agreement, Membership, Structure


def open_account(structure: Structure, *, agreement: Agreement, by: User) -> None:
    """Make a candidate active, in the caller's transaction, and let its members in.

    A structure that is active already stays as it is; a suspended or closed one too.
    """
    if structure.state != Structure.State.CANDIDATE:
        return
    lifecycle.move(by=by, structure=structure, to=Structure.State.ACTIVE)
    members = Membership.objects.filter(structure=structure, is_active=True, user__is_active=True)
    for member in members.select_related("user").order_by("pk"):
        user: User = member.user
        if user.has_usable_password():
            tell("opened", agreement, user=user)
        else:
            renew_invitation(by=by, user=user)
