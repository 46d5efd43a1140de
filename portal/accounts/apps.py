from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class AccountsConfig(AppConfig):
    default = True
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Comptes"


class UsersAppConfig(WagtailUsersAppConfig):
    """Wagtail's people, with our screens."""

    user_viewset = "portal.accounts.wagtail.UserViewSet"
