"""allauth's hooks: our lockout, our words, and every e-mail through the outbox."""

from typing import Any

import qrcode  # type: ignore[import-untyped]
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]

from portal.accounts import lockout, services
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.privacy import crypto

SITE_NAME = "L’Espace Recharges"


class AccountAdapter(DefaultAccountAdapter):
    """Our login rules."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "Ce compte est désactivé.",
        "email_password_mismatch": (
            "L’adresse ou le mot de passe n’est pas le bon. Vérifiez les deux, puis réessayez."
        ),
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_code": "Ce code n’est pas le bon. Attendez le code suivant, puis réessayez.",
        "incorrect_password": "Ce mot de passe n’est pas le bon.",
        "invalid_password_reset": "Ce lien n’est plus valable.",
        "rate_limited": "Trop d’essais… Réessayez dans cinq minutes.",
        "too_many_login_attempts": (
            "Trop d’essais… Réessayez dans cinq minutes ou choisissez un nouveau mot de passe."
        ),
        "login_unavailable": (
            "La connexion ne marche pas pour le moment. Réessayez dans quelques minutes."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: people are invited."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, known address or not.

        Raises:
            ValidationError: too many failures, or nobody can count them.
        """
        try:
            lockout.begin(credentials.get("email", ""))
        except lockout.Locked as error:
            raise self.validation_error("too_many_login_attempts") from error
        except lockout.Unavailable as error:
            raise self.validation_error("login_unavailable") from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a password; the right one forgives the failures."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            lockout.clear(credentials.get("email", ""))
        return user

    def _rollback_login_failed_rl_usage(self) -> None:
        """allauth's own count is not used: see `pre_authenticate`."""

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Leave the address out of the session, which Redis keeps: its user's key is enough."""
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {key: value for key, value in record.items() if key != "email"}
            for record in get_authentication_records(request, user)
        ]
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def set_password(self, user: User, password: str) -> None:
        """Change a password; a new one opens a locked account."""
        super().set_password(user, password)
        lockout.clear(user.email)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send partners to the shop, and staff who are not partners to the back office."""
        user = request.user
        if user.is_staff and not user.groups.filter(name=Role.PARTNER).exists():
            return reverse("wagtailadmin_home")
        return "/offre-solidaire/"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the person's page."""
        return reverse("account_details")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Name the ways to confirm one's identity in our words."""
        words = {
            "reauthenticate": "Avec votre mot de passe",
            "mfa_reauthenticate": "Avec un code",
            "mfa_reauthenticate:webauthn": "Avec une clé d’accès",
        }
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": words[method["id"]]} for method in methods]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the person that something of their security changed, through the outbox."""
        services.notify_security_change(user=user, event=template_prefix.rpartition("/")[2])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refuse: an e-mail leaves through the outbox, which carries identifiers only.

        Raises:
            RuntimeError: allauth wants to send a message that we have no handler for.
        """
        raise RuntimeError(f"No outbox topic for allauth's e-mail {template_prefix!r}.")


class MFAAdapter(DefaultMFAAdapter):
    """Our second factor: secrets encrypted at rest, our words."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": (
            "Ajoutez d’abord une application ou une clé d’accès\u00a0: "
            "les codes de secours viennent ensuite."
        ),
        "incorrect_code": "Ce code n’est pas le bon. Attendez le code suivant, puis réessayez.",
    }

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for the database."""
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt what `encrypt` wrote."""
        return crypto.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """Draw the QR code on white: phones read no dark background."""
        image = qrcode.make(url, image_factory=SvgPathFillImage)
        return str(image.to_string(encoding="unicode"))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """Propose a name for a new key."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return "Clé principale" if count == 0 else f"Clé n°\u00a0{count + 1}"

    def _get_site_name(self) -> str:
        return SITE_NAME
