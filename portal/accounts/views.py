"""Account pages of our own; `portal.accounts.urls` says which of allauth's are offered."""

from typing import Any

from allauth.mfa.base.views import IndexView
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordResetConfirmView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts import links, lockout, services
from portal.accounts.browsers import describe
from portal.accounts.forms import DetailsForm, InvitationPasswordForm
from portal.accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Show a person their details, and change them."""
    assert isinstance(request.user, User)  # noqa: S101  (LoginRequiredMiddleware)
    # The form writes on its instance: on a copy, so that the header keeps what is saved.
    person = User.objects.get(pk=request.user.pk)
    form = DetailsForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        services.change_details(by=request.user, user=request.user, **form.cleaned_data)
        messages.success(request, "Vos informations sont enregistrées.")
        return redirect("account_details")
    return render(request, "account/details.html", {"form": form})


class Security(IndexView):
    """The second factor: what is set up, and what is asked for."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether one is required of this person and missing."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["second_factor_missing"] = (
            settings.STAFF_SECOND_FACTOR_REQUIRED
            and self.request.user.is_staff
            and not context["is_mfa_enabled"]
        )
        return context


class Sessions(ListUserSessionsView):
    """Where the person is logged in."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name each browser in words; the current session comes first."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rows = [
            {
                "browser": describe(session.user_agent),
                "ip": session.ip,
                "since": session.created_at,
                "is_current": session.is_current(),
            }
            for session in reversed(context["sessions"])
        ]
        context["rows"] = sorted(rows, key=lambda row: not row["is_current"])
        return context


class Invitation(PasswordResetConfirmView):
    """Choose a first password from the one-time link of an invitation.

    Django's view takes the token out of the address and into the session at once, so that it
    leaks through no Referer and no browser history.
    """

    form_class = InvitationPasswordForm
    template_name = "account/invitation.html"
    title = "Choisissez votre mot de passe"
    token_generator = links.invitation_tokens
    success_url = reverse_lazy("account_login")
    user: User | None

    def get_user(self, uidb64: str) -> User | None:
        """Return the person invited; none where the account is disabled."""
        return links.invited(uidb64)

    def form_valid(self, form: InvitationPasswordForm) -> HttpResponse:
        """Keep the password and send to the login page."""
        response = super().form_valid(form)
        assert self.user is not None  # noqa: S101  (the form is not shown without)
        lockout.clear(self.user.email)
        services.notify_security_change(user=self.user, event="password_set")
        messages.success(
            self.request,
            "Votre mot de passe est enregistré. Connectez-vous avec votre adresse e-mail.",
        )
        return response


@login_not_required
@never_cache
@require_safe
def back_office_door(request: HttpRequest) -> HttpResponse:
    """Stand where Wagtail's own login was: to the one login, or refuse.

    Wagtail sends here whoever may not enter the back office; a login page that finds them logged
    in would send them back, for ever.

    Raises:
        PermissionDenied: the visitor is logged in and has no role of the back office.
    """
    target = request.GET.get("next", "/gestion/")
    if not request.user.is_authenticated:
        return redirect_to_login(target)
    if request.user.has_perm("wagtailadmin.access_admin"):
        return redirect("wagtailadmin_home")
    list(messages.get_messages(request))  # Wagtail's sentence: the 403 page says it
    raise PermissionDenied("La gestion est réservée à l’équipe d’Emmaüs Connect.")


@login_not_required
def closed(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Stand where a view of Wagtail would work around our services.

    Raises:
        Http404: always.
    """
    raise Http404
