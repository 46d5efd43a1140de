"""What the outbox delivers for accounts. Links are made here, at delivery, never stored."""

from django.conf import settings
from django.urls import reverse

from portal.accounts import links
from portal.accounts.models import User
from portal.outbox.mail import send_email
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler

#: allauth's events, as the sentence that the person reads.
SECURITY_CHANGES = {
    "password_changed": "Le mot de passe de votre compte a été changé.",
    "password_reset": "Un nouveau mot de passe a été choisi pour votre compte.",
    "password_set": "Un mot de passe a été choisi pour votre compte.",
    "recovery_codes_generated": "De nouveaux codes de secours ont été créés pour votre compte.",
    "second_factor_removed": (
        "Un administrateur a retiré la double authentification de votre compte, à votre demande."
    ),
    "totp_activated": "Une application de codes a été ajoutée à votre compte.",
    "totp_deactivated": "L’application de codes a été retirée de votre compte.",
    "webauthn_added": "Une clé d’accès a été ajoutée à votre compte.",
    "webauthn_removed": "Une clé d’accès a été retirée de votre compte.",
}


def _recipient(message: OutboxMessage) -> User | None:
    return User.objects.filter(uuid=message.payload["user"], is_active=True).first()


def _days() -> int:
    return settings.PASSWORD_RESET_TIMEOUT // 86400


@handler("accounts.invitation")
def send_invitation(message: OutboxMessage) -> None:
    """Send the link of a first password, unless the person has one by now."""
    user = _recipient(message)
    if user is None or user.has_usable_password():
        return
    send_email(
        key=str(message.uuid),
        to=user.email,
        template="accounts/invitation",
        context={"person": user, "url": links.invitation(user), "days": _days()},
    )


@handler("accounts.password_reset")
def send_password_reset(message: OutboxMessage) -> None:
    """Send the link of a new password; a message for nobody is dropped."""
    user = _recipient(message)
    if user is None:
        return
    send_email(
        key=str(message.uuid),
        to=user.email,
        template="accounts/password_reset",
        context={"person": user, "url": links.password_reset(user), "days": _days()},
    )


@handler("accounts.security_change")
def send_security_change(message: OutboxMessage) -> None:
    """Tell the person what changed, and what to do if it was not them."""
    user = _recipient(message)
    if user is None:
        return
    send_email(
        key=str(message.uuid),
        to=user.email,
        template="accounts/security_change",
        context={
            "person": user,
            "change": SECURITY_CHANGES[message.payload["event"]],
            "url": f"{settings.WAGTAILADMIN_BASE_URL}{reverse('account_reset_password')}",
        },
    )
