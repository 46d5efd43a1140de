"""Rules of staff sessions and of the second factor, at every request."""

import time
from collections.abc import Callable

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

STARTED = "staff_started"
SEEN = "staff_seen"
HAS_FACTOR = "second_factor"
#: Seconds between two writings of the time of the last request.
NOTE_EVERY = 60
#: Pages for which one need not be logged in, or that end a session.
DOORS = ("/connexion/", "/deconnexion/")
SECURITY_PAGES = "/mon-compte/securite/"
#: Asked by the page itself every few seconds: nobody is there.
PINGS = ("/editing-sessions/", "/gestion/activations/en-direct/")


class StaffSessionMiddleware:
    """End the sessions of staff: idle for too long, or too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.is_staff and self._is_over(request):
            logout(request)
            return self._to_login(request)
        return self.get_response(request)

    def _is_over(self, request: HttpRequest) -> bool:
        now, session = time.time(), request.session
        started = session.get(STARTED)
        if started is None:  # just logged in, or just become staff
            session[STARTED] = session[SEEN] = now
            return False
        seen = session[SEEN]
        if (
            now - seen > settings.STAFF_SESSION_IDLE.total_seconds()
            or now - started > settings.STAFF_SESSION_MAX.total_seconds()
        ):
            return True
        if now - seen >= NOTE_EVERY and not any(ping in request.path for ping in PINGS):
            session[SEEN] = now
        return False

    def _to_login(self, request: HttpRequest) -> HttpResponse:
        query = {"fin": "1"}
        if request.method == "GET" and not request.path.startswith(DOORS):
            query["next"] = request.get_full_path()
        return redirect(f"{reverse('account_login')}?{urlencode(query)}")


class SecondFactorMiddleware:
    """Send staff who have no second factor to the page where they set one up.

    The answer « has one » is kept in the session, until its security pages are visited.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.STAFF_SECOND_FACTOR_REQUIRED:
            return self.get_response(request)
        user = request.user
        if user.is_authenticated and user.is_staff:
            if request.path.startswith(SECURITY_PAGES):
                request.session.pop(HAS_FACTOR, None)
            elif not request.path.startswith(DOORS) and not self._has_factor(request):
                return redirect("mfa_index")
        return self.get_response(request)

    def _has_factor(self, request: HttpRequest) -> bool:
        if not request.session.get(HAS_FACTOR):
            types = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
            if not get_adapter().is_mfa_enabled(request.user, types):
                return False
            request.session[HAS_FACTOR] = True
        return True
