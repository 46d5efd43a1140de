"""One-time links: made when the e-mail leaves, dead after use, after ``PASSWORD_RESET_TIMEOUT``,
and as soon as the address or the password changes."""

import uuid

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from portal.accounts.models import User


class InvitationTokenGenerator(PasswordResetTokenGenerator):
    """Its own salt: an invitation opens the invitation's page and no other."""

    key_salt = "portal.accounts.links.InvitationTokenGenerator"


invitation_tokens = InvitationTokenGenerator()


def invitation(user: User) -> str:
    """Return the address where ``user`` chooses a first password."""
    path = reverse(
        "accounts_invitation",
        kwargs={
            "uidb64": urlsafe_base64_encode(user.uuid.bytes),
            "token": invitation_tokens.make_token(user),
        },
    )
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"


def invited(uidb64: str) -> User | None:
    """Return the person that ``uidb64`` of an invitation stands for, unless disabled."""
    try:
        public_id = uuid.UUID(bytes=urlsafe_base64_decode(uidb64))
    except ValueError:
        return None
    return User.objects.filter(uuid=public_id, is_active=True).first()


def password_reset(user: User) -> str:
    """Return the address where ``user`` chooses a new password."""
    path = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"
