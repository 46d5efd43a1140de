"""Rules about people: inviting them, giving them roles, disabling them."""

import uuid
from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction

from portal.accounts.models import User
from portal.accounts.roles import STAFF_ROLES, Role
from portal.outbox.services import enqueue
from portal.privacy.services import record
from portal.ui.errors import DomainError, NotAllowed

OWN_ROLES = "Personne ne change ses propres rôles\u00a0: demandez à un collègue."


class AccountDisabled(DomainError):
    """The account exists and nobody may use it."""

    default_code = "account_disabled"
    default_message = (
        "Ce compte est désactivé. Un administrateur d’Emmaüs Connect peut le réactiver."
    )


class AlreadyActive(DomainError):
    """The person has chosen a password: an invitation would be of no use."""

    default_code = "already_active"
    default_message = (
        "Cette personne a déjà choisi son mot de passe. Si elle l’a oublié, elle en choisit un "
        "nouveau depuis la page de connexion."
    )


@transaction.atomic
def invite(
    *,
    by: User | None,
    email: str,
    first_name: str,
    last_name: str,
    roles: Iterable[Role],
    phone: str = "",
    send: bool = True,
) -> User:
    """Create the account of ``email`` or complete an existing one, and send its one-time link.

    Args:
        by: who invites; none when a command does.
        email: the person's address, in any case.
        first_name: kept as typed.
        last_name: kept as typed.
        roles: groups to add; those already held stay.
        phone: E.164, or empty.
        send: whether the link leaves now; without it `renew_invitation` sends it later.

    Raises:
        AccountDisabled: the address belongs to a disabled account.
        NotAllowed: only an administrator gives a staff role, and nobody to themselves.
    """
    roles = frozenset(roles)
    if by is not None and roles & STAFF_ROLES and not by.has_perm("accounts.add_user"):
        raise NotAllowed("Votre rôle ne permet pas d’inviter un membre de l’équipe.")
    user, created = User.objects.get_or_create(
        email=email.strip().lower(),
        defaults={
            "first_name": first_name.strip(),
            "last_name": last_name.strip(),
            "phone": phone,
        },
    )
    if not user.is_active:
        raise AccountDisabled
    if user == by and roles - roles_of(user):
        raise NotAllowed(OWN_ROLES)
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    add_roles(user=user, roles=roles)
    if send and not user.has_usable_password():
        enqueue("accounts.invitation", {"user": str(user.uuid)})
    record(by=by, action="accounts.invited", target=user)
    return user


@transaction.atomic
def reinvite(*, by: User, user: User) -> None:
    """Send a new one-time link; the one sent before is dead.

    Raises:
        NotAllowed: see `check_may_manage`.
        AccountDisabled, AlreadyActive: see `renew_invitation`.
    """
    check_may_manage(by=by, user=user)
    renew_invitation(by=by, user=user)


@transaction.atomic
def renew_invitation(*, by: User, user: User) -> None:
    """Send a new one-time link, for callers with a rule of their own about who may.

    Raises:
        AccountDisabled: the account is disabled.
        AlreadyActive: the person has a password.
    """
    if not user.is_active:
        raise AccountDisabled
    if user.has_usable_password():
        raise AlreadyActive
    user.set_unusable_password()  # another mark: links are made of it
    user.save(update_fields=["password"])
    enqueue("accounts.invitation", {"user": str(user.uuid)})
    record(by=by, action="accounts.reinvited", target=user)


def request_password_reset(*, email: str) -> None:
    """Send the link that lets the person of ``email`` choose a new password, if there is one.

    An unknown address costs the same work and the same time: a message for nobody is written,
    which the outbox drops.

    Args:
        email: as typed, in any case.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    enqueue("accounts.password_reset", {"user": str(user.uuid if user else uuid.uuid4())})


def notify_security_change(*, user: User, event: str) -> None:
    """Tell ``user`` by e-mail that their means to log in changed.

    Args:
        user: whose account changed.
        event: allauth's name of it, such as ``password_changed``.
    """
    enqueue("accounts.security_change", {"user": str(user.uuid), "event": event})
    record(by=user, action=f"accounts.{event}", target=user)


def check_may_manage(*, by: User, user: User) -> None:
    """Let administrators manage people, and superusers only manage superusers.

    Raises:
        NotAllowed: ``by`` may not touch this account.
    """
    if not by.has_perm("accounts.change_user") or (user.is_superuser and not by.is_superuser):
        raise NotAllowed("Votre rôle ne permet pas de modifier ce compte.")


def add_roles(*, user: User, roles: Iterable[Role]) -> None:
    """Add ``user`` to the groups of ``roles``; a staff role makes them staff."""
    roles = frozenset(roles)
    user.groups.add(*Group.objects.filter(name__in=[str(role) for role in roles]))
    if STAFF_ROLES.intersection(roles) and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


def roles_of(user: User) -> frozenset[Role]:
    """Return the roles that ``user`` holds."""
    names = {str(role): role for role in Role}
    held = user.groups.filter(name__in=names).values_list("name", flat=True)
    return frozenset(names[name] for name in held)


@transaction.atomic
def set_roles(*, by: User, user: User, roles: Iterable[Role]) -> None:
    """Give ``user`` exactly ``roles``.

    Nobody changes their own: an administrator who wants a role asks another one.

    Raises:
        NotAllowed: see `check_may_manage`; or ``by`` is ``user``.
    """
    roles, before = frozenset(roles), roles_of(user)
    if roles == before:
        return
    check_may_manage(by=by, user=user)
    if by == user:
        raise NotAllowed(OWN_ROLES)
    user.groups.remove(*Group.objects.filter(name__in=[str(role) for role in before - roles]))
    add_roles(user=user, roles=roles)
    user.is_staff = user.is_superuser or bool(STAFF_ROLES & roles)
    user.save(update_fields=["is_staff"])
    record(
        by=by,
        action="accounts.roles_changed",
        target=user,
        added=sorted(roles - before),
        removed=sorted(before - roles),
    )


@transaction.atomic
def change_details(*, by: User, user: User, first_name: str, last_name: str, phone: str) -> None:
    """Change a person's name and telephone: their own, or another's for an administrator.

    Args:
        by: the actor.
        user: whose details.
        first_name: kept as typed.
        last_name: kept as typed.
        phone: E.164, or empty.

    Raises:
        NotAllowed: ``by`` may not touch this account.
    """
    if by != user:
        check_may_manage(by=by, user=user)
    user.first_name, user.last_name, user.phone = first_name.strip(), last_name.strip(), phone
    user.save(update_fields=["first_name", "last_name", "phone"])
    record(by=by, action="accounts.details_changed", target=user)


@transaction.atomic
def change_email(*, by: User, user: User, email: str) -> None:
    """Change the address that ``user`` logs in with; links sent to the old one are dead.

    Raises:
        NotAllowed: only an administrator changes an address, and not their own.
    """
    check_may_manage(by=by, user=user)
    if by == user:
        raise NotAllowed("Personne ne change sa propre adresse\u00a0: demandez à un collègue.")
    user.email = email.strip().lower()
    user.save(update_fields=["email"])
    if not user.has_usable_password():
        enqueue("accounts.invitation", {"user": str(user.uuid)})
    record(by=by, action="accounts.email_changed", target=user)


@transaction.atomic
def remove_second_factor(*, by: User, user: User) -> None:
    """Take away every second factor of ``user``, who lost theirs; they are told by e-mail.

    Raises:
        NotAllowed: see `check_may_manage`; or ``by`` is ``user``, who has a page of their own.
    """
    check_may_manage(by=by, user=user)
    if by == user:
        raise NotAllowed("Votre double authentification se change dans votre compte.")
    Authenticator.objects.filter(user=user).delete()
    enqueue("accounts.security_change", {"user": str(user.uuid), "event": "second_factor_removed"})
    record(by=by, action="accounts.second_factor_removed", target=user)


@transaction.atomic
def disable(*, by: User, user: User) -> None:
    """Take ``user`` out: their next request is refused, wherever they are logged in.

    Raises:
        NotAllowed: see `check_may_manage`; or ``by`` is ``user``.
    """
    check_may_manage(by=by, user=user)
    if by == user:
        raise NotAllowed("Personne ne désactive son propre compte.")
    user.is_active = False
    user.save(update_fields=["is_active"])
    record(by=by, action="accounts.disabled", target=user)


@transaction.atomic
def enable(*, by: User, user: User) -> None:
    """Let ``user`` in again.

    Raises:
        NotAllowed: see `check_may_manage`.
    """
    check_may_manage(by=by, user=user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(by=by, action="accounts.enabled", target=user)
