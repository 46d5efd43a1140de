from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig

from portal.privacy import rotation


class AccountsConfig(AppConfig):
    default = True
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Comptes"

    def ready(self) -> None:
        """Say that allauth keeps the secrets of second factors under our keys."""
        rotation.register("mfa.Authenticator", "data")


class UsersAppConfig(WagtailUsersAppConfig):
    """Wagtail's people, with our screens."""

    user_viewset = "portal.accounts.wagtail.UserViewSet"
