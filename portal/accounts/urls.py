"""Addresses of accounts: the views of allauth that we offer, and ours.

The names are allauth's, which reverses them. What it offers and we do not: sign-up and changing
one's own address (an administrator does), so their views are not here.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from portal.accounts import views

to_login = login_not_required(RedirectView.as_view(pattern_name="account_login"))
to_reset = RedirectView.as_view(pattern_name="account_reset_password")

login: list[URLPattern | URLResolver] = [
    path("", account.login, name="account_login"),
    path("inscription/", to_login, name="account_signup"),
    path("compte-desactive/", account.account_inactive, name="account_inactive"),
    path("cle/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("verification/", mfa.authenticate, name="mfa_authenticate"),
    path("verification/mot-de-passe/", account.reauthenticate, name="account_reauthenticate"),
    path("verification/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("verification/cle/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
]

forgotten: list[URLPattern | URLResolver] = [
    path("", account.password_reset, name="account_reset_password"),
    path("envoye/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "change/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        never_cache(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
]

security: list[URLPattern | URLResolver] = [
    path("", views.Security.as_view(), name="mfa_index"),
    path("application/", totp.activate_totp, name="mfa_activate_totp"),
    path("application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("cles/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("cles/ajouter/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("cles/<int:pk>/retirer/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("cles/<int:pk>/renommer/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("codes/", never_cache(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("codes/nouveaux/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("codes/telecharger/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("connexion/", include(login)),
    path("deconnexion/", account.logout, name="account_logout"),
    path("mot-de-passe/oublie/", include(forgotten)),
    path(
        "invitation/<slug:uidb64>/<slug:token>/",
        views.Invitation.as_view(),
        name="accounts_invitation",
    ),
    path("mon-compte/details/", views.details, name="account_details"),
    path("mon-compte/mot-de-passe/", account.password_change, name="account_change_password"),
    path("mon-compte/mot-de-passe/choisir/", to_reset, name="account_set_password"),
    path("mon-compte/securite/", include(security)),
    path("mon-compte/sessions/", views.Sessions.as_view(), name="usersessions_list"),
    # In front of Wagtail's own: one login; and roles and states of people change one by one,
    # through our services.
    path("gestion/login/", views.back_office_door, name="back_office_door"),
    re_path(r"^gestion/password_reset/", views.closed, name="no_password_reset"),
    re_path(r"^documents/authenticate_with_password/", views.closed, name="no_shared_password"),
    re_path(r"^gestion/(?:failwhale|test404)/", views.closed, name="no_test_pages"),
    re_path(r"^gestion/bulk/accounts/[uU][sS][eE][rR]/", views.closed, name="no_bulk_on_people"),
]
