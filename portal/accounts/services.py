"""Rules about people: inviting them, giving them roles, disabling them."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import transaction

from portal.accounts.models import User
from portal.accounts.roles import STAFF_ROLES, Role
from portal.outbox.services import enqueue
from portal.privacy.services import record


@transaction.atomic
def invite(
    *, by: User | None, email: str, first_name: str, last_name: str, roles: Iterable[Role]
) -> User:
    """Create the account of ``email`` or complete an existing one, and send its one-time link.

    Args:
        by: who invites; none when a command does.
        email: the person's address, in any case.
        first_name: kept as typed.
        last_name: kept as typed.
        roles: groups to add; those already held stay.
    """
    user, created = User.objects.get_or_create(
        email=email.strip().lower(),
        defaults={"first_name": first_name.strip(), "last_name": last_name.strip()},
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    add_roles(user=user, roles=roles)
    if not user.has_usable_password():
        enqueue("accounts.invitation", {"user": str(user.uuid)})
    record(by=by, action="accounts.invited", target=user)
    return user


def add_roles(*, user: User, roles: Iterable[Role]) -> None:
    """Add ``user`` to the groups of ``roles``; a staff role makes them staff."""
    names = [str(role) for role in roles]
    user.groups.add(*Group.objects.filter(name__in=names))
    if STAFF_ROLES.intersection(roles) and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


@transaction.atomic
def disable(*, by: User, user: User) -> None:
    """Take ``user`` out: their next request is refused, wherever they are logged in."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    record(by=by, action="accounts.disabled", target=user)
